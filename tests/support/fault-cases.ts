import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { guardDeleteSeconds } from "../../components/kubernetes/guard";
import { apps, component, config, core, eventually, exists, flink, ledger, pods } from "../cluster/support";
import { Output, SPLITS } from "./counted";
import { type Step, steps, troubles } from "./fault-steps";
import type { Faulted } from "./faults";
import { followPods } from "./follow";
import { upgradeLoop } from "./upgrade-loop";

/** Something that happens to a job that counts, with all that must be true afterwards. */
export interface FaultCase {
  name: string;
  /** Part of `npm test`, one of each kind; all are in `npm run soak`. */
  quick: boolean;
  run(world: Faulted): Promise<void>;
}

export const modes = ["savepoint", "lastState", "stateless"] as const;
type Mode = (typeof modes)[number];

/** Steps at which a submission is killed in `npm test`; in the soak it is at every step. */
const telling: Record<Mode, string[]> = {
  savepoint: ["during the savepoint", "after the submit, before it is known"],
  lastState: ["when the stop is accepted"],
  stateless: ["after the submit, before it is known"],
};

/** A submission that dies, over all of its steps and modes. */
export const submissionCases: FaultCase[] = modes.flatMap((mode) =>
  steps
    .filter(({ name }) => mode === "savepoint" || name !== "during the savepoint")
    .map((step) => ({
      name: `${mode}: submission killed ${step.name}`,
      quick: telling[mode].includes(step.name),
      run: (world) => submissionDies(world, mode, step),
    })),
);

async function submissionDies(world: Faulted, mode: Mode, step: Step): Promise<void> {
  const before = await world.ledger();
  const old = world.output;
  if (mode === "stateless") world.anew();
  const id = await world.survives(`${mode}: submission killed ${step.name}`, async () => {
    const killed = step.kill(world);
    killed.catch(() => undefined); // looked at below
    await world.upgrade({ job: { upgradeMode: mode } });
    await reached(killed, step.name);
  });
  assert.notEqual(id, before.jobId, "another job took over");
  if (mode === "stateless") {
    const last = old.rows().reduce((latest, { at }) => Math.max(latest, at), 0);
    const first = world.output.rows().reduce((earliest, { at }) => Math.min(earliest, at), Infinity);
    assert.ok(first > last, "the new one counts from nothing when the old one has ended");
  }
}

/** A fault that waited for a moment must have seen it when all is over. */
async function reached(moment: Promise<unknown>, name: string): Promise<void> {
  const late = sleep(2000).then(() => assert.fail(`the moment never came: ${name}`));
  await Promise.race([moment, late]);
}

/** A JobManager whose answers go astray during an upgrade. */
export const restCases: FaultCase[] = troubles.map(({ name, faults }) => ({
  name: `JobManager ${name} during an upgrade`,
  quick: name === "cuts the connection after accepting",
  run: async (world) => {
    await world.survives(`JobManager ${name} during an upgrade`, async () => {
      const happened = Promise.all(faults.map((fault) => world.proxy.once(fault)));
      await world.upgrade();
      await reached(happened, name);
    });
  },
}));

/** Processes that end under a job. */
export const processCases: FaultCase[] = [
  {
    name: "TaskManager killed hard",
    quick: true,
    run: sameJob((world) => world.killed("taskmanager")),
  },
  {
    name: "TaskManager's pod deleted",
    quick: false,
    run: sameJob((world) => deletePod(world, "taskmanager")),
  },
];

/** Processes that end where a JobManager takes its jobs with it: another job takes over, from the latest checkpoint. */
export const lostCases: FaultCase[] = [
  {
    name: "guard killed hard",
    quick: true,
    async run(world) {
      const { jobId } = await world.ledger();
      const id = await world.survives(this.name, () => world.killGuard());
      assert.equal(id, jobId, "the job goes on");
    },
  },
  {
    name: "JobManager killed hard, without high availability",
    quick: true,
    run: anotherJob((world) => world.killed("jobmanager")),
  },
  {
    name: "JobManager's pod deleted, without high availability",
    quick: false,
    run: anotherJob((world) => deletePod(world, "jobmanager")),
  },
  {
    name: "JobManager's pod gone while the guard is killed",
    quick: false,
    run: anotherJob(async (world) => {
      await world.killGuard();
      await deletePod(world, "jobmanager", 0);
    }),
  },
  {
    name: "JobManager's pod gone under two guards",
    quick: false,
    async run(world) {
      await guards(world, 2);
      await anotherJob((it) => deletePod(it, "jobmanager", 0)).call(this, world);
      await guards(world, 1);
    },
  },
  {
    name: "JobManager, TaskManager, guard and submission killed in the middle of an upgrade",
    quick: true,
    run: anotherJob(async (world) => {
      const killed = world.proxy.once({
        of: /^POST \/jars\/.*\/run/,
        after: async () => {
          await Promise.all([
            world.killSubmission(),
            world.killGuard(),
            deletePod(world, "jobmanager", 0),
            deletePod(world, "taskmanager", 0),
          ]);
        },
        cut: "after",
      });
      await world.upgrade();
      await reached(killed, "the request to run");
    }),
  },
  {
    name: "every pod evicted, as by a drain",
    quick: false,
    run: anotherJob(evictAll),
  },
  {
    name: "change of the cluster that restarts the JobManager",
    quick: false,
    run: anotherJob((world) => {
      const { config } = world.cluster();
      const changed = { ...(config as object), "web.history": String(6 + (world.label % 2)) };
      return world.up({ cluster: { config: changed } });
    }),
  },
];

/** The same, with high availability: the job goes on under its id. */
export const availableCases: FaultCase[] = [
  {
    name: "JobManager killed hard, with high availability",
    quick: true,
    run: sameJob(async (world) => world.killJobManager(await world.leader())),
  },
  {
    name: "every pod evicted, as by a drain, with high availability",
    quick: true,
    run: sameJob(evictAll),
  },
  {
    name: "leader killed hard when it has accepted to stop the job with a savepoint",
    quick: false,
    run: anotherJob(async (world) => {
      const killed = world.proxy.once({
        of: /^POST \/jobs\/\w+\/stop/,
        after: async () => world.killJobManager(await world.leader()),
      });
      await world.upgrade();
      await reached(killed, "the stop");
    }),
  },
  {
    name: "leader killed hard when the savepoint is complete, before its result is known",
    quick: true,
    run: anotherJob(async (world) => {
      const killed = world.proxy
        .once({ of: /^POST \/jobs\/\w+\/stop/, after: () => world.savepointComplete() })
        .then(async () => world.killJobManager(await world.leader()));
      killed.catch(() => undefined);
      await world.upgrade();
      await reached(killed, "the stop");
    }),
  },
];

/** Another job must have taken over. */
function anotherJob(disturb: (this: FaultCase, world: Faulted) => Promise<unknown>) {
  return async function (this: FaultCase, world: Faulted): Promise<void> {
    const before = await world.ledger();
    const id = await world.survives(this.name, async () => {
      await disturb.call(this, world);
      await eventually("another job in the ledger", 150, async () =>
        (await world.ledger()).jobId === before.jobId ? undefined : true,
      );
    });
    assert.notEqual(id, before.jobId);
  };
}

/** Lets so many guards look after the job at once; the Deployment itself never does. */
async function guards(world: Faulted, replicas: number): Promise<void> {
  const { namespace, job } = world;
  const name = `hello--${job}-guard`;
  await apps.patchNamespacedDeployment(
    { namespace, name, body: { spec: { replicas } } },
    setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
  );
  await eventually(`${replicas} guards`, 60, async () => {
    const all = await pods(namespace, { "flink-kubernetes/job": job });
    const running = all.filter(
      ({ metadata, status }) => metadata!.name!.startsWith(name) && status?.phase === "Running",
    );
    return running.length === replicas ? true : undefined;
  });
}

/** As `kubectl drain` does it: each pod is evicted as soon as its disruption budget allows. */
async function evictAll({ namespace }: Faulted): Promise<void> {
  const { items } = await core.listNamespacedPod({ namespace });
  const running = items.filter(({ status }) => status?.phase === "Running");
  assert.ok(running.length >= 3);
  await Promise.all(
    running.map(({ metadata }) => {
      const name = metadata!.name!;
      return eventually(`${name} evicted`, 120, async () => {
        const body = { metadata: { name, namespace } };
        await core.createNamespacedPodEviction({ namespace, name, body });
        return true;
      });
    }),
  );
}

/** The job must have been restored, and still be the same one. */
function sameJob(disturb: (world: Faulted) => Promise<unknown>) {
  return async function (this: FaultCase, world: Faulted): Promise<void> {
    const before = await world.ledger();
    const restored = await restoredAt(world, before.jobId!);
    const id = await world.survives(this.name, async () => {
      await disturb(world);
      await eventually("the job restored", 120, async () =>
        (await restoredAt(world, before.jobId!)) > restored ? true : undefined,
      );
    });
    assert.equal(id, before.jobId, "the same job goes on");
  };
}

/** When a job was last restored, 0 for never. */
async function restoredAt(world: Faulted, id: string): Promise<number> {
  type Checkpoints = { latest: { restored?: { restore_timestamp: number } } };
  const { latest } = await flink<Checkpoints>(world.namespace, `/jobs/${id}/checkpoints`);
  return latest.restored?.restore_timestamp ?? 0;
}

/** @param gracePeriodSeconds 0: as if its machine were gone. Default: as long as the pod wants. */
async function deletePod(
  world: Faulted,
  role: "jobmanager" | "taskmanager",
  gracePeriodSeconds?: number,
): Promise<void> {
  const { namespace } = world;
  await core.deleteNamespacedPod({ namespace, name: await world.podOf(role), gracePeriodSeconds });
}

/** A job that gives up after a second failure. */
const fewRestarts = {
  "restart-strategy.type": "fixed-delay",
  "restart-strategy.fixed-delay.attempts": "2",
  "restart-strategy.fixed-delay.delay": "500 ms",
};

/** Revisions that cannot run: the update fails with Flink's reason, and the one before runs on from where it was stopped. */
export const revisionCases: FaultCase[] = [
  {
    name: "state kept in another form",
    quick: true,
    run: refused(["--state", "text"], /StateMigrationException.*serializer/s, fewRestarts),
  },
  {
    name: "state under another name",
    quick: false,
    run: refused(["--uid", "other"], /allowNonRestoredState/),
  },
  {
    name: "fails before there is a job",
    quick: false,
    run: refused(["--fail", "main"], /asked to fail in main/),
  },
  {
    name: "fails at its first numbers until its restarts are used up",
    quick: false,
    run: refused(["--fail", "1"], /asked to fail at number 1/, fewRestarts),
  },
  { name: "failed, not rolled back, and taken back", quick: true, run: takenBack },
];

/** The submission Job of the revision before is complete: its guard starts it. */
async function takenBack(world: Faulted): Promise<void> {
  await world.upgrade();
  const before = await world.ledger();
  await world.survives("revision that failed taken back", async () => {
    const failing = world.upgrade({ program: ["--fail", "main"], job: { rollback: false } });
    await assert.rejects(failing, /asked to fail in main/);
    const spoilt = world.upgrade({
      program: ["--fail", "1"],
      job: { config: fewRestarts, rollback: false },
    });
    await assert.rejects(spoilt, /asked to fail at number 1/);
    world.label -= 2;
    await world.up();
    await eventually("the revision before in the ledger", 120, async () => {
      const { phase, revision } = await world.ledger();
      assert.deepEqual([phase, revision], ["running", before.revision]);
      return true;
    });
  });
}

function refused(program: string[], reason: RegExp, config: Record<string, string> = {}) {
  return async function (this: FaultCase, world: Faulted): Promise<void> {
    const before = await world.ledger();
    // Of the revision that runs: one that was refused before has used up a label, too.
    const { label } = world.output.rows().reduce((latest, row) => (row.at > latest.at ? row : latest));
    const start = Date.now();
    await world.survives(`new revision refused: ${this.name}`, async () => {
      await assert.rejects(world.upgrade({ program, job: { config } }), reason);
    });
    const after = await world.ledger();
    assert.equal(after.revision, before.revision, "the revision before runs");
    assert.match(after.message ?? "", reason);
    const fresh = world.output.rows().filter(({ at }) => at > start);
    assert.ok(fresh.some((row) => row.label === label));
    assert.deepEqual([...new Set(fresh.map((row) => row.label))], [label], "only that one has counted");
  };
}

/** Ends of a job that are no accident, or none that another start would help. */
export const endCases: FaultCase[] = [
  { name: "bounded job", quick: false, run: finishes },
  { name: "running job that uses up its restarts", quick: true, run: usesUpRestarts },
];

async function finishes(world: Faulted): Promise<void> {
  await world.upgrade();
  const folder = "bounded";
  const output = new Output(world.folderOf(folder));
  const bounded = {
    ...world.jobArgs,
    name: "bounded",
    bounded: true,
    arguments: ["--output", world.uriOf(folder), "--limit", "10", "--rate", "240"],
  };
  const whole = () =>
    eventually("the end of the bounded job", 60, async () => {
      const { phase } = await ledger(world.namespace, "hello--bounded-ledger");
      assert.equal(phase, "finished");
      assert.deepEqual(output.problems(), []);
      assert.equal(output.rows().length, 10 * SPLITS);
      return true;
    });
  await world.up({ jobs: [world.jobArgs, bounded] });
  await whole();
  // It is done: the same program again runs nothing again.
  await world.up({ jobs: [world.jobArgs, bounded] });
  await whole();
  await world.up();
  await world.settled();
}

/** Its tasks fail now and then until Flink gives it up; the next revision goes on from its last checkpoint. */
async function usesUpRestarts(world: Faulted): Promise<void> {
  const job = { config: fewRestarts };
  await world.upgrade({ job, program: ["--rate", "1200", "--fail", "4000"] });
  const { jobId } = await world.ledger();
  await eventually("the job's end", 90, async () => {
    const found = await flink<{ state: string }>(world.namespace, `/jobs/${jobId}`);
    return found.state === "FAILED" ? true : undefined;
  });
  await eventually("the ledger that says so", 60, async () => {
    const { phase, message } = await world.ledger();
    assert.equal(phase, "failed");
    assert.match(message ?? "", /asked to fail at number 4000/);
    return true;
  });
  await world.survives("next revision of a job that used up its restarts", () => world.upgrade());
}

/** What a person does to a job whose ledger stays, and to its cluster, each from what the one before left. */
export const personCases: FaultCase[] = [
  { name: "job taken out of the program, and back with its savepoint", quick: false, run: takenOut },
  { name: "stack destroyed, and made again with the job's savepoint", quick: true, run: destroyed },
  { name: "stack destroyed while the JobManager is dead", quick: true, run: destroyedDead },
];

async function takenOut(world: Faulted): Promise<void> {
  await world.survives("job taken out of the program, and back with its savepoint", async () => {
    await world.up({ jobs: [] });
    await nothingRuns(world);
    await goesOnFromSavepoint(world, () => world.up());
  });
}

async function destroyed(world: Faulted): Promise<void> {
  await world.survives("stack destroyed, and made again with the job's savepoint", async () => {
    await world.stack.down();
    await world.renewVolume();
    await goesOnFromSavepoint(world, () => world.upgrade());
  });
}

/** The ledger of a job that was removed says which savepoint it was stopped with, and that is what it is started from. */
async function goesOnFromSavepoint(world: Faulted, comesBack: () => Promise<void>): Promise<void> {
  const { phase, submission, savepoint } = await world.ledger();
  assert.deepEqual([phase, submission], ["stopped", "removal"]);
  assert.match(savepoint ?? "", /\/savepoints\/counting\/[^/]+\/savepoint-/);
  await comesBack();
  assert.equal((await world.ledger()).restoredFrom, savepoint);
}

/** It must end within the time that the guard has for it, and say that no savepoint could be taken. */
async function destroyedDead(world: Faulted): Promise<void> {
  const { namespace } = world;
  const startTimeout = 30;
  await world.up({ job: { startTimeout } });
  await scale(namespace, "hello-jobmanager", 0);
  await eventually("no JobManager", 60, async () =>
    (await pods(namespace, component("jobmanager"))).length === 0 ? true : undefined,
  );
  const followed = followPods(config, namespace, { "flink-kubernetes/job": world.job });
  const start = Date.now();
  await world.stack.down();
  const seconds = (Date.now() - start) / 1000;
  await followed.stop();
  console.log(`      destroyed without a JobManager after ${seconds.toFixed(1)} s`);
  assert.ok(seconds < guardDeleteSeconds({ startTimeout }), `${seconds} s`);
  assert.match(followed.lines.map(({ line }) => line).join("\n"), /no savepoint/i);
  const { phase, message, savepoint } = await world.ledger();
  assert.equal(phase, "stopped");
  assert.match(
    message ?? "",
    /^No savepoint could be taken when the job was removed: No JobManager answered/,
  );
  assert.match(savepoint ?? "", /\/checkpoints\/[0-9a-f]{32}\/chk-\d+$/);
}

/** What `kubectl scale` does. */
async function scale(namespace: string, name: string, replicas: number): Promise<void> {
  await apps.patchNamespacedDeploymentScale(
    { namespace, name, body: { spec: { replicas } }, fieldManager: "kubectl" },
    setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
  );
}

async function nothingRuns(world: Faulted): Promise<void> {
  await eventually("no job", 60, async () => {
    assert.deepEqual(await world.active(), []);
    return true;
  });
}

/** A Flink version that keeps jobs otherwise: they are stopped before, and start again from their savepoints. */
export function versionCase(version: string): FaultCase {
  const name = `Flink version changed to ${version}`;
  return {
    name,
    quick: true,
    run: anotherJob(async (world) => {
      await world.moveTo(version);
      await world.upgrade();
    }),
  };
}

/** With everything in it, in any order. */
export const namespaceCase: FaultCase = {
  name: "namespace deleted",
  quick: true,
  async run({ namespace, output }) {
    const start = Date.now();
    await core.deleteNamespace({ name: namespace });
    await eventually("no namespace", 150, async () =>
      (await exists(() => core.readNamespace({ name: namespace }))) ? undefined : true,
    );
    console.log(`      namespace gone after ${((Date.now() - start) / 1000).toFixed(1)} s`);
    assert.deepEqual(output.problems(), []);
  },
};

/** From one TaskManager to four and back while it counts ten times as much. */
export const scalingCase: FaultCase = {
  name: "scaled from one TaskManager to four and back under load",
  quick: false,
  async run(world) {
    const { taskManager } = world.cluster();
    const one = { taskManager: { ...(taskManager as object), replicas: 1 } };
    await world.upgrade({ cluster: one, job: { parallelism: 8 }, program: ["--rate", "1200"] });
    for (const [replicas, parallelism] of [
      [4, 8],
      [1, 2],
    ] as const) {
      const { jobId } = await world.ledger();
      let seconds = 0;
      const id = await world.survives(`scaled to ${replicas} TaskManagers`, async () => {
        const start = Date.now();
        await scale(world.namespace, "hello-taskmanager", replicas);
        await eventually(`parallelism ${parallelism}`, 150, async () => {
          const found = await flink<{ vertices: { parallelism: number; tasks: { RUNNING: number } }[] }>(
            world.namespace,
            `/jobs/${jobId}`,
          );
          const all = found.vertices.every(
            (vertex) => vertex.parallelism === parallelism && vertex.tasks.RUNNING === parallelism,
          );
          return all ? true : undefined;
        });
        seconds = (Date.now() - start) / 1000;
      });
      console.log(`      parallelism ${parallelism} after ${seconds.toFixed(1)} s`);
      assert.equal(id, jobId, "the same job goes on");
    }
    await world.upgrade();
  },
};

/** Some upgrades against Flink's command line client; `npm run bench -- upgrades` does many. */
export const upgradesCase: FaultCase = {
  name: "upgraded again and again",
  quick: false,
  async run(world) {
    const { ours, byHand } = await upgradeLoop(world, 3);
    const shown = (values: number[]) => values.map((value) => value.toFixed(1)).join(", ");
    console.log(`      counted nothing for ${shown(ours)} s; by hand for ${shown(byHand)} s`);
  },
};

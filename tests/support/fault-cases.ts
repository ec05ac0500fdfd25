import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { component, core, eventually, flink, pods } from "../cluster/support";
import { type Step, steps, troubles } from "./fault-steps";
import type { Faulted } from "./faults";

/** Something that happens to a job that counts, with all that must be true afterwards. */
export interface FaultCase {
  name: string;
  /** Part of `npm test`; the others are left to `npm run bench -- faults`. */
  quick: boolean;
  run(world: Faulted): Promise<void>;
}

export const modes = ["savepoint", "stateless"] as const;
type Mode = (typeof modes)[number];

/** Steps at which a submission is killed in `npm test` also with the modes that take no savepoint. */
const telling = ["when the stop is accepted", "after the submit, before it is known"];

/** A submission that dies, over all of its steps and modes. */
export const submissionCases: FaultCase[] = modes.flatMap((mode) =>
  steps
    .filter(({ name }) => mode === "savepoint" || name !== "during the savepoint")
    .map((step) => ({
      name: `${mode}: submission killed ${step.name}`,
      quick: mode === "savepoint" || telling.includes(step.name),
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
  quick: true,
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
    quick: true,
    run: sameJob((world) => deletePod(world, "taskmanager")),
  },
];

/** The same, with high availability: the job goes on under its id. */
export const availableCases: FaultCase[] = [
  {
    name: "JobManager killed hard, with high availability",
    quick: true,
    run: sameJob((world) => world.killed("jobmanager")),
  },
];

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

async function deletePod(world: Faulted, role: "jobmanager" | "taskmanager"): Promise<void> {
  const { namespace } = world;
  const [pod] = await pods(namespace, component(role));
  await core.deleteNamespacedPod({ namespace, name: pod!.metadata!.name! });
}

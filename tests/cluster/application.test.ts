import assert from "node:assert/strict";
import path from "node:path";
import { hasEnded } from "../../operations/flink";
import { Output, SPLITS } from "../support/counted";
import { quickConfig } from "../support/faults";
import { testImage } from "../support/image";
import { killPod } from "../support/kill";
import { TestVolume } from "../support/volume";
import {
  apps,
  component,
  core,
  eventually,
  flink,
  jobs,
  kubeconfig,
  ledger,
  needsNode,
  pods,
  smallCluster,
  TestStack,
} from "./support";

interface JobDetails {
  state: string;
  vertices: { parallelism: number; tasks: { RUNNING: number } }[];
}

describe("a FlinkApplication that counts, in reactive mode", function () {
  this.timeout(600_000);
  const stack = new TestStack("application");
  const { namespace } = stack;
  const version = "2.2.1";
  const volume = new TestVolume(core, "application-test");
  let image: string;
  let output: Output;

  const application = (
    folder: string,
    { more, program = [] }: { more?: Record<string, unknown>; program?: string[] } = {},
  ) => {
    const small = smallCluster(namespace);
    return {
      ...small,
      // With no number given, one to begin with; then what `kubectl scale` makes of it stays.
      taskManager: { ...(small.taskManager as object), replicas: undefined },
      image,
      namespace: { name: namespace, create: false },
      flinkVersion: version,
      jobManager: { ...(small.jobManager as object), memory: "1g" },
      storage: volume.storage,
      checkpointing: { interval: "1 s" },
      reactive: true,
      jar: "/opt/flink/usrlib/counting.jar",
      entryClass: "flink.kubernetes.tests.Splits",
      arguments: ["--output", `file:///flink-storage/${folder}`, ...program],
      config: {
        ...quickConfig(version),
        "high-availability.kubernetes.leader-election.lease-duration": "6 s",
        "high-availability.kubernetes.leader-election.renew-deadline": "5 s",
        "high-availability.kubernetes.leader-election.retry-period": "1 s",
      },
      ...more,
    };
  };
  const counted = (folder: string) => new Output(path.join(volume.directory, folder));
  const book = () => ledger(namespace, "hello--hello-ledger");
  const jobManager = async () => (await pods(namespace, component("jobmanager")))[0]!.metadata!.name!;

  /** Until the job that the ledger names is the one that runs, with every task on this many slots, and has counted on in every split, each number once. */
  async function counts(slots: number): Promise<string> {
    const id = await eventually(`a job on ${slots} slots`, 120, async () => {
      const { jobId, phase } = await book();
      assert.equal(phase, "running");
      const active = (await jobs(namespace)).filter(({ state }) => !hasEnded(state));
      assert.deepEqual(
        active.map(({ jid }) => jid),
        [jobId],
      );
      const { state, vertices } = await flink<JobDetails>(namespace, `/jobs/${jobId}`);
      const tasks = vertices.map((vertex) => [vertex.parallelism, vertex.tasks.RUNNING]);
      assert.deepEqual([state, ...tasks], ["RUNNING", ...vertices.map(() => [slots, slots])]);
      return jobId;
    });
    const since = Date.now();
    await eventually("further numbers in every split, each once", 60, async () => {
      const fresh = output.rows().filter(({ at }) => at > since);
      assert.equal(new Set(fresh.map(({ split }) => split)).size, SPLITS);
      assert.deepEqual(output.problems(), []);
      return true;
    });
    return id;
  }

  before(function () {
    needsNode(this);
  });
  before("bring it up with one TaskManager", async () => {
    image = await testImage(version);
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    await volume.make();
    output = counted("numbers");
    await stack.up({ application: application("numbers") });
  });
  after("take it down", async function () {
    if (kubeconfig === "") return;
    await stack.down().finally(async () => {
      await core.deleteNamespace({ name: namespace });
      await volume.remove();
    });
  });
  afterEach("say what the ledger and the processes say", async function () {
    if (this.currentTest?.state !== "failed") return;
    console.log(JSON.stringify(await book().catch(String)));
    for (const { metadata } of (await core.listNamespacedPod({ namespace })).items) {
      const name = metadata!.name!;
      const log = await core.readNamespacedPodLog({ namespace, name, tailLines: 25 }).catch(String);
      console.log(`--- ${name}\n${log}`);
    }
  });

  it("uses a second TaskManager when there is one", async () => {
    await counts(2);
    const name = "hello-taskmanager";
    const scale = await apps.readNamespacedDeploymentScale({ namespace, name });
    await apps.replaceNamespacedDeploymentScale({
      namespace,
      name,
      body: { ...scale, spec: { replicas: 2 } },
    });
    await counts(4);
  });

  it("goes on from its last checkpoint, as another job, when its JobManager dies", async () => {
    const { jobId } = await book();
    killPod(await jobManager(), /java/);
    assert.notEqual(await counts(4), jobId);
    assert.match((await book()).restoredFrom ?? "", new RegExp(`/checkpoints/${jobId}/chk-\\d+$`));
  });

  it("goes on from a savepoint with other arguments and high availability", async () => {
    const more = { highAvailability: {} };
    await stack.up({ application: application("numbers", { more, program: ["--label", "next"] }) });
    await counts(4);
    assert.match((await book()).restoredFrom ?? "", /\/savepoints\/hello\/[^/]+\/savepoint-/);
    assert.ok(output.rows().some(({ label }) => label === "next"));
  });

  it("goes on as the same job when a JobManager with high availability dies", async () => {
    const { jobId } = await book();
    killPod(await jobManager(), /java/);
    assert.equal(await counts(4), jobId);
  });

  it("runs a bounded job once, whatever becomes of the JobManager", async () => {
    output = counted("few");
    const more = { highAvailability: {}, bounded: true };
    await stack.up({ application: application("few", { more, program: ["--limit", "3"] }) });
    await eventually("the end of the job", 60, async () =>
      (await book()).phase === "finished" ? true : undefined,
    );
    const before = await jobManager();
    await core.deleteNamespacedPod({ namespace, name: before });
    await eventually("a JobManager without a job", 90, async () => {
      assert.notEqual(await jobManager(), before);
      assert.deepEqual(await jobs(namespace), []);
      return true;
    });
    assert.deepEqual(output.problems(), []);
    assert.equal(output.rows().length, 3 * SPLITS);
  });

  it("ends its pods some time after the job, changes nothing when it is brought up again, and comes back for another revision", async () => {
    const more = { highAvailability: {}, bounded: true, ttlSecondsAfterFinished: 5 };
    const finish = async (folder: string) => {
      output = counted(folder);
      await stack.up({ application: application(folder, { more, program: ["--limit", "3"] }) });
      await eventually("the end of the pods", 120, async () => {
        assert.equal((await book()).phase, "finished");
        const left = [
          ...(await pods(namespace, component("jobmanager"))),
          ...(await pods(namespace, component("taskmanager"))),
        ];
        assert.deepEqual(
          left.map(({ metadata }) => metadata?.name),
          [],
        );
        return true;
      });
      assert.deepEqual(output.problems(), []);
      assert.equal(output.rows().length, 3 * SPLITS);
    };
    await finish("slept");
    await stack.up({ application: application("slept", { more, program: ["--limit", "3"] }) });
    assert.deepEqual(stack.changes, []);
    assert.deepEqual(await pods(namespace, component("jobmanager")), []);
    await finish("awake");
  });
});

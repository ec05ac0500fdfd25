import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { Cluster } from "../../operations/kubernetes";
import { FlinkApi, hasEnded } from "../../operations/flink";
import { readLedgers, unneededStates } from "../../operations/ledgers";
import { statusOf } from "../../operations/status";
import { resume, runVerb } from "../../operations/verbs";
import { testImage } from "../support/image";
import { TestVolume } from "../support/volume";
import {
  component,
  core,
  eventually,
  flink,
  kubeconfig,
  ledger,
  needsNode,
  pods,
  smallCluster,
  TestStack,
} from "./support";

/** State on a volume that JobManager and TaskManagers share, through a claim that the component makes. */
describe("state on a shared volume", function () {
  this.timeout(600_000);
  const stack = new TestStack("storage-volume");
  const { namespace } = stack;
  const volume = new TestVolume(core, `test-${process.pid}`);

  const cluster = (image: string): Record<string, unknown> => ({
    ...smallCluster(namespace),
    namespace: { name: namespace, protect: false },
    image,
    storage: volume.storage,
    checkpointing: { interval: "2 s" },
    highAvailability: {},
  });
  const job = {
    name: "counting",
    jar: "/opt/flink/usrlib/counting.jar",
    entryClass: "flink.kubernetes.tests.Counting",
    parallelism: 1,
  };

  before(function () {
    needsNode(this);
  });
  before("bring up a cluster and a job that counts", async () => {
    await volume.make();
    await stack.up({ cluster: cluster(await testImage("2.2.1")), jobs: [job] });
  });
  after("take it down", async function () {
    if (kubeconfig === "") return;
    await stack.down();
    await volume.remove();
  });

  it("holds checkpoints, and the data with which another JobManager goes on", async () => {
    const { jobId } = await ledger(namespace, "hello--counting-ledger");
    type Checkpoints = { counts: { completed: number }; latest: { restored?: object } };
    const checkpoints = () => flink<Checkpoints>(namespace, `/jobs/${jobId}/checkpoints`);
    await eventually("a checkpoint", 60, async () =>
      (await checkpoints()).counts.completed > 0 ? true : undefined,
    );
    assert.deepEqual(fs.readdirSync(volume.directory).sort(), ["checkpoints", "ha"]);
    assert.ok(fs.existsSync(path.join(volume.directory, "checkpoints", jobId!)));

    const [jobManager] = await pods(namespace, component("jobmanager"));
    await core.deleteNamespacedPod({ namespace, name: jobManager!.metadata!.name!, gracePeriodSeconds: 0 });
    await eventually("the job restored", 120, async () =>
      (await checkpoints()).latest.restored ? true : undefined,
    );
    for (const pod of await pods(namespace, component("taskmanager"))) {
      const log = await core.readNamespacedPodLog({ namespace, name: pod.metadata!.name! });
      assert.doesNotMatch(log, /^WRONG/m);
    }
  });

  describe("and what a person does with the job", () => {
    const api = new Cluster({ kubeconfig: kubeconfig || undefined });
    const { signal } = new AbortController();
    const rest = new FlinkApi(api, namespace, "hello", signal);
    const read = async () => (await readLedgers(api, namespace, "hello", signal))[0]!;
    const status = async () => statusOf("hello", namespace, [await read()], rest);
    /** The file of this machine behind a path of the shared volume. */
    const file = (state: string) =>
      path.join(volume.directory, state.replace(/^file:(\/\/)?\/flink-storage\//, ""));
    after(() => api.close());

    it("shows that it runs, and names jobs that no ledger knows", async () => {
      const running = await eventually("every task running", 60, async () => {
        const found = await status();
        return found.jobs[0]?.tasks?.running === found.jobs[0]?.tasks?.total ? found : undefined;
      });
      assert.deepEqual(running.orphans, []);
      const [job] = running.jobs;
      assert.deepEqual(
        [job!.name, job!.phase, job!.state, job!.outdated],
        ["counting", "running", "RUNNING", false],
      );
      const forgotten = await statusOf("hello", namespace, [], rest);
      assert.deepEqual(
        forgotten.orphans.map(({ jobId, state }) => [jobId, state]),
        [[job!.jobId, "RUNNING"]],
      );
    });

    it("takes a savepoint while it runs on, and disposes of it when nothing needs it", async () => {
      const before = await read();
      const place = await runVerb(api, before, namespace, "take", signal);
      assert.ok(fs.existsSync(path.join(file(place), "_metadata")), place);
      const after = await read();
      assert.deepEqual([after.jobId, after.phase], [before.jobId, "running"]);
      assert.ok(!unneededStates(after).some((state) => state.path === place), "taken on purpose");
      const unneeded = unneededStates(after, true).map((state) => state.path);
      assert.ok(unneeded.includes(place), unneeded.join());
      await runVerb(api, after, namespace, { dispose: [place] }, signal);
      assert.ok(!fs.existsSync(path.join(file(place), "_metadata")), "it is gone from the storage");
      assert.ok(!unneededStates(await read(), true).some((state) => state.path === place));
    });

    it("is paused with its state, stays so when the stack is brought up, and goes on from there", async () => {
      const said = await runVerb(api, await read(), namespace, "pause", signal);
      assert.match(said, /is paused; its state is in file:/);
      const paused = await status();
      assert.equal(paused.jobs[0]!.phase, "paused");
      assert.deepEqual(paused.orphans, []);
      await stack.up({ cluster: cluster(await testImage("2.2.1")), jobs: [job] });
      assert.equal((await status()).jobs[0]!.phase, "paused");
      assert.deepEqual(await active(), []);

      const { savepoint, jobId } = await read();
      await resume(api, await read(), namespace, signal);
      const resumed = await read();
      assert.deepEqual([resumed.phase, resumed.restoredFrom], ["running", savepoint]);
      assert.notEqual(resumed.jobId, jobId);
      assert.deepEqual(await active(), [resumed.jobId]);
      const [taskManager] = await pods(namespace, component("taskmanager"));
      const log = await core.readNamespacedPodLog({ namespace, name: taskManager!.metadata!.name! });
      assert.doesNotMatch(log, /^WRONG/m);
    });

    async function active(): Promise<string[]> {
      return (await rest.jobs()).filter(({ state }) => !hasEnded(state)).map((each) => each.jobId);
    }
  });
});

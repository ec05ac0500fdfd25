import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { Output } from "../support/counted";
import { testImage } from "../support/image";
import { TestVolume } from "../support/volume";
import {
  batch,
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

/** Another minor version to come from can be tried by hand: FLINK_KUBERNETES_TEST_FROM=2.1.2. */
const from = process.env.FLINK_KUBERNETES_TEST_FROM ?? "1.20.4";
const to = "2.2.1";

/** Without high availability a restarted JobManager knows nothing of its jobs: they are stopped before, and go on after. */
describe(`changes of a cluster that restart its only JobManager, from Flink ${from}`, function () {
  this.timeout(900_000);
  const stack = new TestStack("test-prepare");
  const { namespace } = stack;
  const volume = new TestVolume(core, `prepare-${process.pid}`);
  const output = new Output(path.join(volume.directory, "numbers"));

  const cluster = (version: string, image: string, config: Record<string, string> = {}) => {
    const { taskManager } = smallCluster(namespace);
    return {
      ...smallCluster(namespace),
      flinkVersion: version,
      image,
      taskManager: { ...(taskManager as object), memory: "1100m" },
      storage: volume.storage,
      checkpointing: { interval: "2 s" },
      config,
    };
  };
  const job = {
    name: "counting",
    jar: "/opt/flink/usrlib/counting.jar",
    entryClass: "flink.kubernetes.tests.Splits",
    arguments: ["--output", "file:///flink-storage/numbers"],
    parallelism: 2,
  };

  before(function () {
    needsNode(this);
  });
  before("bring up a cluster and a job that counts", async () => {
    await volume.make();
    await stack.up({ cluster: cluster(from, await testImage(from)), jobs: [job] });
    await more();
  });
  after("take it down", async function () {
    if (kubeconfig === "") return;
    await stack.down();
    await volume.remove();
  });
  afterEach("say what the prepare Job said", async function () {
    if (this.currentTest?.state === "failed") console.log(await said(), await ledgerOf());
  });

  const ledgerOf = () => ledger(namespace, "hello--counting-ledger");
  const running = async () =>
    (await jobs(namespace)).filter(({ state }) => state === "RUNNING").map(({ jid }) => jid);
  const jobManager = async () => (await pods(namespace, component("jobmanager")))[0]!.metadata!.uid;

  /** Waits until the job has written more. */
  async function more(): Promise<void> {
    const seen = output.rows().length;
    await eventually("more numbers", 120, async () => (output.rows().length > seen ? true : undefined));
  }

  async function prepareJobs() {
    const { items } = await batch.listNamespacedJob({ namespace });
    return items.filter(({ metadata }) => metadata!.name!.startsWith("hello-prepare-"));
  }

  /** The log of the prepare Jobs that are there. */
  async function said(): Promise<string> {
    const all = (await pods(namespace, component("submitter"))).map(({ metadata }) => metadata!.name!);
    const logs = all
      .filter((name) => name.startsWith("hello-prepare-"))
      .map((name) => core.readNamespacedPodLog({ namespace, name }));
    return (await Promise.all(logs)).join("\n");
  }

  /** Makes a change and sees that the job went on from the savepoint that it was stopped with, every number once. */
  async function goesOn(values: Record<string, unknown>): Promise<void> {
    const [before, process] = [await ledgerOf(), await jobManager()];
    const start = Date.now();
    await stack.up({ cluster: values, jobs: [job] });
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    assert.notEqual(await jobManager(), process, "the JobManager is another");
    const after = await ledgerOf();
    assert.equal(after.phase, "running");
    assert.notEqual(after.jobId, before.jobId);
    assert.deepEqual(await running(), [after.jobId]);
    type Restored = { latest: { restored?: { external_path: string; is_savepoint: boolean } } };
    const { latest } = await flink<Restored>(namespace, `/jobs/${after.jobId}/checkpoints`);
    assert.match(
      latest.restored?.external_path ?? "",
      /\/savepoints\/counting\/\d{8}T\d{6}Z-[\w-]+-[0-9a-f]{32}\/savepoint-/,
    );
    await more();
    assert.deepEqual(output.problems(), []);
    console.log(`      the change took ${seconds} s; prepared: ${(await said()).trim().split("\n").at(-1)}`);
  }

  it("had nothing to prepare on the new cluster", async () => {
    const [made] = await prepareJobs();
    const { startTime, completionTime } = made!.status!;
    console.log(`      on a new cluster: ${(+completionTime! - +startTime!) / 1000} s`);
    assert.match(await said(), /There is no JobManager yet/);
  });

  it("keeps the job's state through a change of the configuration", async () => {
    await goesOn(cluster(from, await testImage(from), { "metrics.fetcher.update-interval": "5 s" }));
  });

  it("changes nothing when the job cannot be stopped with its state, and says why", async () => {
    const [before, process] = [await ledgerOf(), await jobManager()];
    const folder = path.join(volume.directory, "savepoints/counting");
    fs.chownSync(folder, 0, 0);
    fs.chmodSync(folder, 0o555);
    const change = cluster(from, await testImage(from), { "metrics.fetcher.update-interval": "7 s" });
    await assert.rejects(
      stack.up({ cluster: change, jobs: [job] }),
      /could not be stopped with a savepoint: .*flink-storage\/savepoints\/counting.*Nothing of the cluster was changed/s,
    );
    fs.chmodSync(folder, 0o777);
    assert.equal(await jobManager(), process);
    assert.deepEqual(await running(), [before.jobId]);
    assert.equal((await ledgerOf()).phase, "running");
    await more();
    assert.deepEqual(output.problems(), []);
  });

  it(`keeps the job's state when Flink ${to} takes over`, async () => {
    await goesOn(cluster(to, await testImage(to)));
    const overview = await flink<{ "flink-version": string }>(namespace, "/overview");
    assert.equal(overview["flink-version"], to);
  });
});

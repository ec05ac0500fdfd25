import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { followPods } from "../support/follow";
import { testImage } from "../support/image";
import { TestVolume } from "../support/volume";
import {
  apps,
  component,
  config,
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

/** What the guard does to a job on a cluster without high availability, whose JobManager takes its jobs with it. */
describe("the guard of a job", function () {
  this.timeout(600_000);
  const stack = new TestStack("test-guard");
  const { namespace } = stack;
  const ledgerName = "hello--counting-ledger";
  let volume: TestVolume | undefined;
  let cluster: Record<string, unknown>;
  const job: Record<string, unknown> = {
    name: "counting",
    jar: "/opt/flink/usrlib/counting.jar",
    entryClass: "flink.kubernetes.tests.Counting",
    parallelism: 1,
    startTimeout: 120,
  };

  before(function () {
    needsNode(this);
  });
  before("bring up a cluster and a job that counts", async () => {
    volume = new TestVolume(core, `test-guard-${process.pid}`);
    await volume.make();
    cluster = smallCluster(namespace, {
      image: await testImage("2.2.1"),
      storage: volume.storage,
      checkpointing: { interval: "60 s" },
    });
    await stack.up({ cluster, jobs: [job] });
  });
  after("take it down", async function () {
    if (kubeconfig === "") return;
    await stack.down();
    await volume?.remove();
  });

  it("costs next to nothing while the job runs", async () => {
    const [pod] = await pods(namespace, component("guard"));
    assert.equal(pod?.status?.containerStatuses?.[0]?.ready, true);
    const before = await usage(pod.metadata!.name!);
    await sleep(40_000);
    const after = await eventually("a later measurement", 60, async () => {
      const now = await usage(pod.metadata!.name!);
      return now.time - before.time > 30_000 ? now : undefined;
    });
    const millicores = (after.cpu - before.cpu) / 1e3 / (after.time - before.time);
    const mebibytes = after.memory / 1024 / 1024;
    console.log(`      ${millicores.toFixed(1)} millicores, ${mebibytes.toFixed(1)} MiB`);
    assert.ok(mebibytes < 32, `${mebibytes} MiB`);
    // At rest it is under 5; other tests may keep this machine busy.
    assert.ok(millicores < 15, `${millicores} millicores`);
  });

  it("starts the job again from its newest checkpoint when the JobManager has lost it", async () => {
    const before = await ledger(namespace, ledgerName);
    assert.equal(before.phase, "running");
    await eventually("a checkpoint in the ledger", 60, async () =>
      (await ledger(namespace, ledgerName)).checkpoint?.includes(`/${before.jobId}/chk-`) ? true : undefined,
    );
    const [jobManager] = await pods(namespace, component("jobmanager"));
    await core.deleteNamespacedPod({ namespace, name: jobManager!.metadata!.name!, gracePeriodSeconds: 0 });
    const after = await eventually("the job again", 150, async () => {
      const now = await ledger(namespace, ledgerName);
      return now.phase === "running" && now.jobId !== before.jobId ? now : undefined;
    });
    assert.match(after.restoredFrom ?? "", new RegExp(`/${before.jobId}/chk-\\d+$`));
    type Checkpoints = { latest: { restored?: { external_path: string } } };
    await eventually("the job restored", 60, async () => {
      const { latest } = await flink<Checkpoints>(namespace, `/jobs/${after.jobId}/checkpoints`);
      return latest.restored ? true : undefined;
    });
    await eventually("the guard ready", 90, async () => {
      const { status } = await apps.readNamespacedDeployment({ namespace, name: "hello--counting-guard" });
      return status?.readyReplicas === 1 ? true : undefined;
    });
    for (const pod of await pods(namespace, component("taskmanager"))) {
      const log = await core.readNamespacedPodLog({ namespace, name: pod.metadata!.name! });
      assert.doesNotMatch(log, /^WRONG/m);
    }
  });

  it("leaves the job alone when its pod goes and another comes", async () => {
    const { jobId } = await ledger(namespace, ledgerName);
    const [pod] = await pods(namespace, component("guard"));
    const followed = followPods(config, namespace, component("guard"));
    await core.deleteNamespacedPod({ namespace, name: pod!.metadata!.name! });
    await eventually("another guard, ready", 90, async () => {
      const all = await pods(namespace, component("guard"));
      const another = all.find(({ metadata }) => metadata?.uid !== pod!.metadata!.uid);
      return another?.status?.containerStatuses?.[0]?.ready ? true : undefined;
    });
    await followed.stop();
    assert.match(followed.lines.map(({ line }) => line).join("\n"), /left alone/);
    assert.equal((await flink<{ state: string }>(namespace, `/jobs/${jobId}`)).state, "RUNNING");
  });

  it("stops the job with a savepoint when the job is taken out of the program, before anything that this needs", async () => {
    const { jobId } = await ledger(namespace, ledgerName);
    const followed = followPods(config, namespace, component("guard"));
    await stack.up({ cluster, jobs: [] });
    await followed.stop();
    const said = followed.lines.map(({ line }) => line).join("\n");
    assert.match(said, /its state is in file:\/flink-storage\/savepoints\//, said);
    assert.equal((await flink<{ state: string }>(namespace, `/jobs/${jobId}`)).state, "FINISHED");
    assert.equal((await pods(namespace, component("guard"))).length, 0);
    const folder = path.join(volume!.directory, "savepoints", "counting");
    const savepoints = fs
      .readdirSync(folder, { recursive: true })
      .filter((file) => String(file).endsWith("_metadata"));
    assert.equal(savepoints.length, 1);
    // Back again, from there.
    const initialSavepoint = `file:///flink-storage/savepoints/counting/${path.dirname(String(savepoints[0]))}`;
    await stack.up({ cluster, jobs: [{ ...job, initialSavepoint }] });
    const { restoredFrom } = await ledger(namespace, ledgerName);
    assert.equal(restoredFrom, initialSavepoint);
  });

  it("stops the job with a savepoint when the whole stack is destroyed", async () => {
    const followed = followPods(config, namespace, component("guard"));
    await stack.down();
    await followed.stop();
    assert.match(
      followed.lines.map(({ line }) => line).join("\n"),
      /its state is in file:\/flink-storage\/savepoints\//,
    );
  });

  async function usage(pod: string): Promise<{ cpu: number; memory: number; time: number }> {
    const { items } = await core.listNode();
    const text = await core.connectGetNodeProxyWithPath({
      name: items[0]!.metadata!.name!,
      path: "stats/summary",
    });
    type Summary = {
      pods: {
        podRef: { name: string; namespace: string };
        containers: {
          name: string;
          cpu: { time: string; usageCoreNanoSeconds: number };
          memory: { workingSetBytes: number };
        }[];
      }[];
    };
    const summary = (typeof text === "string" ? JSON.parse(text) : text) as Summary;
    const found = summary.pods
      .find(({ podRef }) => podRef.name === pod && podRef.namespace === namespace)
      ?.containers.find(({ name }) => name === "guard");
    assert.ok(found, "the kubelet knows the guard");
    return {
      cpu: found.cpu.usageCoreNanoSeconds,
      memory: found.memory.workingSetBytes,
      time: Date.parse(found.cpu.time),
    };
  }
});

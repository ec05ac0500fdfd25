import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { cacheFolder } from "../../local/cache";
import { testImage } from "../support/image";
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
  // There is no provisioner on the local node: a directory stands for the volume, and its class for the claim's.
  const storageClass = `test-${process.pid}`;
  let directory = "";

  const cluster = (image: string): Record<string, unknown> => ({
    ...smallCluster(namespace),
    namespace: { name: namespace, protect: false },
    image,
    storage: { directory: "file:///flink-storage", volume: { size: "1Gi", storageClass, protect: false } },
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
    const folder = path.join(cacheFolder(), "tests");
    fs.mkdirSync(folder, { recursive: true });
    directory = fs.mkdtempSync(path.join(folder, "volume-"));
    fs.chmodSync(directory, 0o777);
    await core.createPersistentVolume({
      body: {
        metadata: { name: storageClass },
        spec: {
          capacity: { storage: "1Gi" },
          accessModes: ["ReadWriteMany"],
          storageClassName: storageClass,
          persistentVolumeReclaimPolicy: "Retain",
          hostPath: { path: directory },
        },
      },
    });
    await stack.up({ cluster: cluster(await testImage("2.2.1")), jobs: [job] });
  });
  after("take it down", async function () {
    if (kubeconfig === "") return;
    await stack.down();
    await core.deletePersistentVolume({ name: storageClass });
    if (directory) fs.rmSync(directory, { recursive: true });
  });

  it("holds checkpoints, and the data with which another JobManager goes on", async () => {
    const { jobId } = await ledger(namespace, "hello--counting-ledger");
    type Checkpoints = { counts: { completed: number }; latest: { restored?: object } };
    const checkpoints = () => flink<Checkpoints>(namespace, `/jobs/${jobId}/checkpoints`);
    await eventually("a checkpoint", 60, async () =>
      (await checkpoints()).counts.completed > 0 ? true : undefined,
    );
    assert.deepEqual(fs.readdirSync(directory).sort(), ["checkpoints", "ha"]);
    assert.ok(fs.existsSync(path.join(directory, "checkpoints", jobId!)));

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
});

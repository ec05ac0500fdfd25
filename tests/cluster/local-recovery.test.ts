import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { StorageV1Api } from "@kubernetes/client-node";
import { type Followed, followPods } from "../support/follow";
import { testImage } from "../support/image";
import {
  TestStack,
  apps,
  component,
  config,
  core,
  eventually,
  flink,
  jobs,
  kubeconfig,
  needsNode,
  pods,
  smallCluster,
} from "./support";

const storageClass = "local-recovery";

/** The node has no provisioner: folders of this machine are the volumes, each to be used once. */
class Volumes {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-volumes-"));
  private readonly storage = config.makeApiClient(StorageV1Api);
  private readonly names: string[] = [];

  async make(count: number): Promise<void> {
    fs.chmodSync(this.folder, 0o755);
    await this.storage.createStorageClass({
      body: {
        metadata: { name: storageClass },
        provisioner: "kubernetes.io/no-provisioner",
        volumeBindingMode: "WaitForFirstConsumer",
      },
    });
    const [node] = (await core.listNode()).items;
    const hostname = node!.metadata!.labels!["kubernetes.io/hostname"]!;
    for (let i = 0; i < count; i++) {
      const name = `${storageClass}-${i}`;
      const folder = path.join(this.folder, name);
      fs.mkdirSync(folder);
      fs.chownSync(folder, 9999, 9999);
      await core.createPersistentVolume({
        body: {
          metadata: { name },
          spec: {
            capacity: { storage: "1Gi" },
            accessModes: ["ReadWriteOnce"],
            persistentVolumeReclaimPolicy: "Retain",
            storageClassName: storageClass,
            local: { path: folder },
            nodeAffinity: {
              required: {
                nodeSelectorTerms: [
                  {
                    matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [hostname] }],
                  },
                ],
              },
            },
          },
        },
      });
      this.names.push(name);
    }
  }

  async remove(): Promise<void> {
    for (const name of this.names) await core.deletePersistentVolume({ name }).catch(() => undefined);
    await this.storage.deleteStorageClass({ name: storageClass }).catch(() => undefined);
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** Files of the volume that a claim has got, relative to it. */
  async filesOf(namespace: string, claim: string): Promise<string[]> {
    const { spec } = await core.readNamespacedPersistentVolumeClaim({ namespace, name: claim });
    const folder = path.join(this.folder, spec!.volumeName!);
    return fs.readdirSync(folder, { recursive: true, encoding: "utf8" });
  }
}

describe("TaskManagers with volumes of their own", function () {
  this.timeout(600_000);
  const stack = new TestStack("scaling-local-recovery");
  const { namespace } = stack;
  const volumes = new Volumes();
  const size = "1Gi";
  let followed: Followed;

  const last = () =>
    Math.max(-1, ...followed.lines.map(({ line }) => Number(/^count (\d+)$/.exec(line)?.[1] ?? -1)));
  const claims = async () =>
    (await core.listNamespacedPersistentVolumeClaim({ namespace })).items
      .map(({ metadata }) => metadata!.name!)
      .sort();

  before(function () {
    needsNode(this);
  });
  before("bring it up", async () => {
    await volumes.make(6);
    const cluster = smallCluster(namespace, {
      image: await testImage("2.2.1"),
      taskManager: {
        memory: "1g",
        slots: 1,
        replicas: 2,
        cpu: { request: "100m", limit: "1" },
        localRecovery: { size, storageClass },
        ephemeralVolume: { size, storageClass },
      },
      // With fewer slots than it had the job would split its state anew, and copies be of no use: it waits for the one that comes back.
      config: { "jobmanager.adaptive-scheduler.submission.resource-stabilization-timeout": "1 min" },
      monitoring: {
        logLevels: { "org.apache.flink.streaming.api.operators.BackendRestorerProcedure": "DEBUG" },
      },
    });
    const job = {
      name: "counting",
      jar: "/opt/flink/usrlib/counting.jar",
      entryClass: "flink.kubernetes.tests.Counting",
      arguments: ["--rate", "50"],
      upgradeMode: "stateless",
      parallelism: 2,
      config: { "execution.checkpointing.interval": "3 s" },
    };
    followed = followPods(config, namespace, component("taskmanager"));
    await stack.up({ cluster, jobs: [job] });
  });
  after("take it down", async function () {
    await followed?.stop();
    if (kubeconfig === "") return;
    await stack.down();
    await volumes.remove();
  });

  it("are a StatefulSet, each with a claim that stays and one that goes", async () => {
    const { status } = await apps.readNamespacedStatefulSet({ namespace, name: "hello-taskmanager" });
    assert.equal(status!.readyReplicas, 2);
    assert.deepEqual(await claims(), [
      "hello-taskmanager-0-tmp",
      "hello-taskmanager-1-tmp",
      "local-state-hello-taskmanager-0",
      "local-state-hello-taskmanager-1",
    ]);
  });

  it("keep a copy of the last checkpoint on the volume", async () => {
    await eventually("files of a checkpoint", 60, async () => {
      const files = await volumes.filesOf(namespace, "local-state-hello-taskmanager-0");
      return files.some((file) => /^tm_hello-taskmanager-0\/localState\/.*chk_\d+/.test(file))
        ? true
        : undefined;
    });
  });

  it("come back under their names after a hard kill, and the job restores from what they kept", async () => {
    const name = "hello-taskmanager-1";
    const [job] = await jobs(namespace);
    await eventually("the count is well under way", 60, () =>
      Promise.resolve(last() > 300 ? true : undefined),
    );
    const before = followed.lines.length;
    const start = Date.now();
    const { uid } = (await core.readNamespacedPod({ namespace, name })).metadata!;
    await core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 });
    await eventually("a pod of the same name", 60, async () => {
      const found = (await pods(namespace, component("taskmanager"))).find(
        (pod) => pod.metadata!.name === name,
      );
      return found && found.metadata!.uid !== uid ? true : undefined;
    });
    const reached = last();
    await eventually("the job runs on both again", 180, async () => {
      const { state, vertices } = await flink<{
        state: string;
        vertices: { parallelism: number; tasks: { RUNNING: number } }[];
      }>(namespace, `/jobs/${job!.jid}`);
      const whole = vertices.every(({ parallelism, tasks }) => tasks.RUNNING === parallelism);
      return state === "RUNNING" && whole && vertices.some(({ parallelism }) => parallelism === 2)
        ? true
        : undefined;
    });
    await eventually("the count goes on", 60, () =>
      Promise.resolve(last() > reached + 100 ? true : undefined),
    );
    const since = followed.lines.slice(before).map(({ line }) => line);
    const restored = since.filter((line) => /with state from alternative/.test(line));
    const local = restored.filter((line) => /alternative \(1\/2\)/.test(line));
    console.log(
      `      running again after ${((Date.now() - start) / 1000).toFixed(1)} s; ${local.length} of ${restored.length} states restored from the volumes`,
    );
    assert.ok(local.length > 0, restored.join("\n"));
    assert.deepEqual(
      followed.lines.filter(({ line }) => line.startsWith("WRONG")),
      [],
    );
  });

  it("give their volumes up when they are scaled away", async () => {
    const name = "hello-taskmanager";
    const current = await apps.readNamespacedStatefulSetScale({ namespace, name });
    await apps.replaceNamespacedStatefulSetScale({
      namespace,
      name,
      body: { ...current, spec: { replicas: 1 } },
    });
    await eventually("one volume of each kind", 120, async () =>
      (await claims()).join() === "hello-taskmanager-0-tmp,local-state-hello-taskmanager-0"
        ? true
        : undefined,
    );
    // With the slot that is left, after the time above.
    await eventually("the job runs", 120, async () =>
      (await jobs(namespace)).some(({ state }) => state === "RUNNING") ? true : undefined,
    );
  });
});

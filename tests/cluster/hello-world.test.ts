import assert from "node:assert/strict";
import {
  TestStack,
  apps,
  batch,
  component,
  core,
  eventually,
  exists,
  flink,
  helloWorld,
  jobs,
  kubeconfig,
  ledger,
  needsNode,
  pods,
  printed,
  runningTasks,
  smallCluster,
} from "./support";
import { KubeConfig, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";

const GREETING = /^Hello, World! \d+$/;

describe("the hello-world stack on a real Kubernetes", function () {
  this.timeout(600_000);
  const stack = new TestStack("test-hello");
  const { namespace } = stack;
  const values = { cluster: smallCluster(namespace), jobs: [helloWorld()] };

  before(function () {
    needsNode(this);
  });
  before("bring it up", async () => {
    await stack.up(values);
  });
  after("take it down", async function () {
    if (kubeconfig !== "") await stack.down();
  });

  it("runs one job, which prints its greeting from a TaskManager", async () => {
    const [job, ...others] = await jobs(namespace);
    assert.equal(job!.state, "RUNNING");
    assert.deepEqual(others, []);
    const lines = await eventually("greetings in the log", 30, async () => {
      const [pod] = await pods(namespace, component("taskmanager"));
      const found = await printed(namespace, pod!.metadata!.name!, GREETING);
      return found.length >= 10 ? found : undefined;
    });
    const numbers = lines.map((line) => Number(line.slice("Hello, World! ".length))).sort((a, b) => a - b);
    assert.deepEqual(
      numbers,
      numbers.map((_n, i) => i),
      "one counter, from 0, without gaps",
    );
  });

  it("records the job in the ledger", async () => {
    const [job] = await jobs(namespace);
    const data = await ledger(namespace);
    assert.equal(data.phase, "running");
    assert.equal(data.jobId, job!.jid);
  });

  it("runs every pod under the Pod Security Standard restricted, which refuses others", async () => {
    const { metadata } = await core.readNamespace({ name: namespace });
    assert.equal(metadata!.labels!["pod-security.kubernetes.io/enforce"], "restricted");
    const privileged = {
      metadata: { name: "privileged" },
      spec: { containers: [{ name: "main", image: "busybox", securityContext: { privileged: true } }] },
    };
    await assert.rejects(
      core.createNamespacedPod({ namespace, body: privileged, dryRun: "All" }),
      /violates PodSecurity .{0,8}restricted/,
    );
  });

  it("changes nothing when it is brought up again", async () => {
    const again = await stack.up(values);
    assert.deepEqual(
      { created: again.created, updated: again.updated, replaced: again.replaced, deleted: again.deleted },
      { created: 0, updated: 0, replaced: 0, deleted: 0 },
    );
    assert.equal((await jobs(namespace)).length, 1);
  });

  it("does not start a second job when the same revision is submitted again", async () => {
    const before = (await jobs(namespace)).map((job) => job.jid);
    const labelSelector = "flink-kubernetes/job";
    const [submission] = (await batch.listNamespacedJob({ namespace, labelSelector })).items;
    await batch.deleteNamespacedJob({
      namespace,
      name: submission!.metadata!.name!,
      propagationPolicy: "Foreground",
    });
    await eventually("the submission Job is gone", 30, async () =>
      (await batch.listNamespacedJob({ namespace, labelSelector })).items.length === 0 ? true : undefined,
    );
    // The engine only sees what is missing when it is told to look.
    const again = await stack.up(values, { refresh: true });
    assert.equal(again.created, 1);
    assert.deepEqual(
      (await jobs(namespace)).map((job) => job.jid),
      before,
    );
  });

  it("spreads over three TaskManagers after kubectl scale", async () => {
    const [job] = await jobs(namespace);
    await scale(namespace, "hello-taskmanager", 3);
    await eventually("three TaskManagers registered", 60, async () => {
      const overview = await flink<{ taskmanagers: number }>(namespace, "/overview");
      return overview.taskmanagers === 3 ? true : undefined;
    });
    // One source, six printing tasks that are chained with the sink.
    await eventually("seven running tasks", 90, async () =>
      (await runningTasks(namespace, job!.jid)) === 7 ? true : undefined,
    );
    await eventually("every TaskManager prints", 60, async () => {
      const all = await pods(namespace, component("taskmanager"));
      const lines = await Promise.all(all.map((pod) => printed(namespace, pod.metadata!.name!, GREETING)));
      return lines.length === 3 && lines.every((own) => own.length > 0) ? true : undefined;
    });
  });

  it("takes a configuration change after kubectl scale, and the program's number of TaskManagers wins", async () => {
    const cluster = smallCluster(namespace);
    const taskManager = {
      ...(cluster.taskManager as object),
      podAnnotations: { "example.org/changed": "yes" },
    };
    const changed = await stack.up({ ...values, cluster: { ...cluster, taskManager } });
    assert.ok(changed.updated >= 1);
    const deployment = await apps.readNamespacedDeployment({ namespace, name: "hello-taskmanager" });
    assert.equal(deployment.spec!.replicas, 1);
    await eventually("the job runs on", 60, async () => {
      const [job, ...others] = await jobs(namespace);
      return job?.state === "RUNNING" && others.length === 0 ? true : undefined;
    });
  });

  it("removes the objects of a job that is taken out of the program", async () => {
    const result = await stack.up({ ...values, jobs: [] });
    assert.ok(result.deleted > 0);
    const gone = !(await exists(() =>
      core.readNamespacedConfigMap({ namespace, name: "hello--hello-world-ledger" }),
    ));
    assert.ok(gone, "the ledger is gone");
    const labelSelector = "flink-kubernetes/job";
    assert.deepEqual((await batch.listNamespacedJob({ namespace, labelSelector })).items, []);
  });

  it("leaves no namespace after it is taken down", async () => {
    await stack.down();
    assert.equal(await exists(() => core.readNamespace({ name: namespace })), false);
  });
});

/** What `kubectl scale` does: it writes the scale subresource, as a field manager of its own. */
async function scale(namespace: string, name: string, replicas: number): Promise<void> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  await apps.patchNamespacedDeploymentScale(
    { namespace, name, body: { spec: { replicas } }, fieldManager: "kubectl" },
    setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
  );
}

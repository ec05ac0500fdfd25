import assert from "node:assert/strict";
import {
  TestStack,
  apps,
  autoscaling,
  eventually,
  flink,
  helloWorld,
  jobs,
  kubeconfig,
  needsNode,
  smallCluster,
} from "./support";

describe("autoscaling on a real Kubernetes", function () {
  this.timeout(600_000);
  const stack = new TestStack("test-autoscaling");
  const { namespace } = stack;
  const taskManager = {
    memory: "1g",
    slots: 1,
    cpu: { request: "200m", limit: "1" },
    ephemeralStorage: "512Mi",
  };
  const cluster = smallCluster(namespace, {
    taskManager,
    autoscaling: {
      minReplicas: 1,
      maxReplicas: 3,
      cpuUtilization: 100,
      scaleUpStabilizationSeconds: 0,
      scaleDownStabilizationSeconds: 15,
    },
  });
  const job = (load: string) =>
    helloWorld({
      arguments: ["--rate", "20", "--load", load],
      upgradeMode: "stateless",
      parallelism: undefined,
    });

  before(function () {
    needsNode(this);
  });
  before("bring it up under load", async () => {
    await stack.up({ cluster, jobs: [job("40")] });
  });
  after("take it down", async function () {
    if (kubeconfig !== "") await stack.down();
  });

  it("adds TaskManagers under load, up to the maximum, and the job uses them", async () => {
    await eventually("three TaskManagers registered", 180, async () => {
      const overview = await flink<{ taskmanagers: number }>(namespace, "/overview");
      return overview.taskmanagers === 3 ? true : undefined;
    });
    const [running] = await jobs(namespace);
    await eventually("the printing runs three-fold", 120, async () => {
      const details = await flink<{ vertices: { name: string; parallelism: number }[] }>(
        namespace,
        `/jobs/${running!.jid}`,
      );
      return details.vertices.some((vertex) => vertex.parallelism === 3) ? true : undefined;
    });
  });

  it("keeps the autoscaler's number when the stack is brought up again", async () => {
    const annotated = { ...taskManager, podAnnotations: { "example.org/changed": "yes" } };
    await stack.up({ cluster: { ...cluster, taskManager: annotated }, jobs: [job("40")] });
    const deployment = await apps.readNamespacedDeployment({ namespace, name: "hello-taskmanager" });
    assert.ok(deployment.spec!.replicas! > 1, `replicas are ${deployment.spec!.replicas}`);
  });

  it("removes TaskManagers when the load is gone", async () => {
    await stack.up({ cluster, jobs: [job("0")] });
    await eventually("one TaskManager left", 240, async () => {
      const deployment = await apps.readNamespacedDeployment({ namespace, name: "hello-taskmanager" });
      return deployment.spec!.replicas === 1 && deployment.status?.readyReplicas === 1 ? true : undefined;
    });
    const { spec } = await autoscaling.readNamespacedHorizontalPodAutoscaler({
      namespace,
      name: "hello-taskmanager",
    });
    assert.equal(spec!.maxReplicas, 3);
    await eventually("the job runs on", 60, async () =>
      (await jobs(namespace)).some((each) => each.state === "RUNNING") ? true : undefined,
    );
  });
});

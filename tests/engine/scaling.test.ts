import assert from "node:assert/strict";
import { AppsV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { engineDown, engineUp, type EngineOptions } from "../../local/engine";
import { devConfig, engineOrSkip, projectDir, TemporaryCache } from "./support";

const namespace = "engine-scaling";
const name = "hello-taskmanager";

/** Who sets the number of TaskManagers, with the engine's own idea of what was there before. As tests/cluster/scaling.test.ts. */
describe("the number of TaskManagers through the Pulumi engine", function () {
  this.timeout(600_000);
  let cache: TemporaryCache;
  let options: EngineOptions;
  let apps: AppsV1Api;
  let core: CoreV1Api;
  const taskManager = { memory: "1g", cpu: { request: "50m", limit: "1" }, ephemeralStorage: "512Mi" };
  /** Idle TaskManagers stay: an autoscaler remembers only its own numbers, and would undo one that is set by hand here. */
  const autoscaling = {
    minReplicas: 1,
    maxReplicas: 5,
    behavior: { scaleDown: { selectPolicy: "Disabled" } },
  };

  const up = async (more: { replicas?: number; autoscaling?: object; podAnnotations?: object }) => {
    const { autoscaling: scaler, ...rest } = more;
    const config = devConfig(namespace, (cluster) => {
      cluster.taskManager = { ...taskManager, ...rest };
      if (scaler) cluster.autoscaling = scaler;
    });
    await engineUp({ ...options, config: { ...config, "flink-kubernetes:jobs": "[]" } });
  };
  const replicas = async () => (await apps.readNamespacedDeployment({ namespace, name })).spec!.replicas;
  const running = async () => {
    const labelSelector = "app.kubernetes.io/component=taskmanager";
    const { items } = await core.listNamespacedPod({ namespace, labelSelector });
    return items.map(({ metadata }) => metadata!.uid!).sort();
  };
  const scale = async (count: number) => {
    const current = await apps.readNamespacedDeploymentScale({ namespace, name });
    const body = { ...current, spec: { replicas: count } };
    await apps.replaceNamespacedDeploymentScale({ namespace, name, body });
    while ((await running()).length !== count) await new Promise((resolve) => setTimeout(resolve, 300));
  };

  before(async function () {
    const { engine, kubeconfig } = await engineOrSkip(this);
    cache = new TemporaryCache();
    const { signal } = new AbortController();
    options = { engine, kubeconfig, projectDir, stack: "dev", config: {}, signal };
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    apps = config.makeApiClient(AppsV1Api);
    core = config.makeApiClient(CoreV1Api);
  });
  after(async () => {
    if (!cache) return;
    await engineDown({ ...options, config: devConfig(namespace) }).finally(() => cache.remove());
  });

  it("turning an autoscaler on keeps those of a fixed number", async () => {
    await up({ replicas: 3 });
    const before = await running();
    assert.equal(before.length, 3);
    await up({ autoscaling });
    assert.deepEqual([await replicas(), await running()], [3, before]);
  });

  it("other changes keep the autoscaler's number", async () => {
    await scale(4); // as an autoscaler does
    await up({ autoscaling, podAnnotations: { "example.org/changed": "yes" } });
    assert.equal(await replicas(), 4);
  });

  it("turning it off, with no number given, keeps what the autoscaler made of it", async () => {
    const podAnnotations = { "example.org/changed": "yes" };
    const before = await running();
    await up({ podAnnotations });
    assert.deepEqual([await replicas(), await running()], [4, before]);
    await up({});
    assert.equal(await replicas(), 4);
  });

  it("a number that is given is set, and taking it out changes nothing", async () => {
    await up({ replicas: 2 });
    assert.equal(await replicas(), 2);
    await up({});
    assert.equal(await replicas(), 2);
  });
});

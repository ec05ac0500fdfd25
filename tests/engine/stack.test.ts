import assert from "node:assert/strict";
import type { KubernetesObject } from "../../local/kubernetes";
import * as direct from "../../local/direct";
import { engineDown, enginePreview, engineRefresh, engineUp, type EngineOptions } from "../../local/engine";
import { withoutPermitted } from "./permitted";
import { devConfig, engineOrSkip, objectsIn, projectDir, recorder, TemporaryCache } from "./support";

const NAMESPACE = "engine-test";

describe("the stack through the Pulumi engine", function () {
  this.timeout(300_000);
  let cache: TemporaryCache;
  let options: EngineOptions;
  let fromEngine: KubernetesObject[] = [];

  before(async function () {
    const { engine, kubeconfig } = await engineOrSkip(this);
    cache = new TemporaryCache();
    const { signal } = new AbortController();
    options = { engine, kubeconfig, projectDir, stack: "dev", config: devConfig(NAMESPACE), signal };
  });

  after(async () => {
    if (!cache) return;
    await engineDown(options).finally(() => cache.remove());
  });

  it("previews a new stack: everything is created, nothing is there yet", async () => {
    const { created, updated, deleted, replaced } = await enginePreview(options);
    assert.ok(created > 10, `${created} created`);
    assert.deepEqual({ updated, deleted, replaced }, { updated: 0, deleted: 0, replaced: 0 });
    assert.deepEqual(await objectsIn(options.kubeconfig!, NAMESPACE), []);
  });

  it("brings it up", async () => {
    const { outputs } = await engineUp(options);
    assert.equal(outputs.namespace, NAMESPACE);
    const { "hello-world": job } = outputs.jobs as Record<string, Record<string, string>>;
    assert.equal(job?.phase, "running");
    assert.match(job?.jobId ?? "", /^[0-9a-f]{32}$/);
    fromEngine = await objectsIn(options.kubeconfig!, NAMESPACE);
    const notReady = fromEngine
      .filter(({ kind }) => kind === "Deployment")
      .filter(({ status }) => (status as { readyReplicas?: number }).readyReplicas !== 1)
      .map(({ metadata }) => metadata.name);
    assert.deepEqual(notReady, []);
  });

  it("changes nothing when it is run again", async () => {
    const { steps, changes, onEngineEvent } = recorder();
    const { created, updated, replaced, deleted, unchanged } = await engineUp({ ...options, onEngineEvent });
    assert.deepEqual(changes(), []);
    assert.deepEqual([created, updated, replaced, deleted], [0, 0, 0, 0]);
    assert.ok(unchanged > 10);
    assert.ok(steps.size > 10);
  });

  it("finds no drift when every object is read again", async () => {
    const { changes, onEngineEvent } = recorder();
    const { deleted, unchanged } = await engineRefresh({ ...options, onEngineEvent });
    // The job's result is read from the ledger, not managed: the engine takes down what it has read now.
    const drift = changes().filter((change) => !change.endsWith("ConfigMap::hello-world-result"));
    assert.deepEqual({ deleted, drift }, { deleted: 0, drift: [] });
    assert.ok(unchanged > 10);
    const { created, updated: after, replaced } = await enginePreview(options);
    assert.deepEqual([created, after, replaced], [0, 0, 0]);
  });

  it("lets Prometheus in by an update in place", async () => {
    const config = devConfig(NAMESPACE, (cluster) => {
      cluster.network = {
        ...(cluster.network as object),
        prometheus: { namespaceLabels: { name: "monitoring" } },
      };
    });
    const { changes, onEngineEvent } = recorder();
    await engineUp({ ...options, config, onEngineEvent });
    assert.ok(changes().length > 0, "something changes");
    assert.deepEqual(
      changes().filter((change) => !change.startsWith("update ")),
      [],
    );
  });

  it("deletes everything", async () => {
    await engineDown(options);
    assert.deepEqual(await objectsIn(options.kubeconfig!, NAMESPACE), []);
  });

  it("makes the same objects as the engine-less path", async () => {
    const { signal, kubeconfig, stack, config } = options;
    const run = {
      projectDir,
      project: "flink-kubernetes",
      stack,
      config: config!,
      secretConfigKeys: [],
      kubeconfig,
      inventoryNamespace: "default",
      signal,
    };
    try {
      await direct.up(run);
      const withoutEngine = await objectsIn(kubeconfig!, NAMESPACE);
      assert.ok(fromEngine.length > 10);
      assert.deepEqual(withoutPermitted(withoutEngine), withoutPermitted(fromEngine));
    } finally {
      await direct.down(run);
    }
  });
});

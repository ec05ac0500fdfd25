import assert from "node:assert/strict";
import {
  TestStack,
  component,
  core,
  eventually,
  exists,
  fixture,
  flink,
  kubeconfig,
  needsNode,
  pods,
  smallCluster,
} from "./support";

describe("two clusters in one adopted namespace", function () {
  this.timeout(600_000);
  const namespace = "test-two";
  const stack = new TestStack(namespace, fixture("two-clusters"));
  const args = smallCluster(namespace, { namespace: { name: namespace, create: false } });
  delete args.name;

  before(function () {
    needsNode(this);
  });
  before("bring both up in a namespace of somebody else", async () => {
    await core.createNamespace({ body: { metadata: { name: namespace, labels: { owner: "somebody" } } } });
    await stack.up({ cluster: args });
  });
  after(async function () {
    if (kubeconfig !== "") await core.deleteNamespace({ name: namespace });
  });

  it("registers each TaskManager with its own JobManager", async () => {
    for (const name of ["left", "right"]) {
      const [pod, ...others] = await pods(namespace, component("taskmanager", name));
      assert.deepEqual(others, []);
      const ids = await eventually(`a TaskManager at ${name}`, 60, async () => {
        const found = await flink<{ taskmanagers: { id: string }[] }>(namespace, "/taskmanagers", name);
        return found.taskmanagers.length > 0 ? found.taskmanagers.map((each) => each.id) : undefined;
      });
      assert.deepEqual(ids, [pod!.metadata!.name]);
    }
  });

  it("leaves the namespace as it was, also when the stack is taken down", async () => {
    await stack.down();
    const { metadata } = await core.readNamespace({ name: namespace });
    assert.deepEqual(metadata!.labels, { owner: "somebody", "kubernetes.io/metadata.name": namespace });
    const { items } = await core.listNamespacedService({ namespace });
    assert.deepEqual(items, []);
    assert.ok(await exists(() => core.readNamespacedConfigMap({ namespace, name: "kube-root-ca.crt" })));
  });
});

import assert from "node:assert/strict";
import { engineFixture } from "../support/engine";
import { core, kubeconfig, needsNode, TestStack } from "./support";

const namespace = "engine-test-retained";

describe("a ledger and a namespace that outlive their stack", function () {
  this.timeout(600_000);
  const stack = new TestStack(namespace, engineFixture("retained"));

  before(function () {
    needsNode(this);
  });
  after("take it down", async function () {
    if (kubeconfig === "") return;
    await stack.down();
    await core.deleteNamespace({ name: namespace }).catch(() => undefined);
  });

  const up = async (retain: boolean, revision: string) => {
    await stack.up({ retain: String(retain), revision });
    return stack.changes.map((change) => change.split(" ")[0]);
  };
  const ledger = () => core.readNamespacedConfigMap({ namespace, name: "ledger" });
  /** What stands there, and of which object: one that was made anew has another uid. */
  const seen = async () => {
    const { metadata, data } = await ledger();
    const uids = [metadata!.uid, (await core.readNamespace({ name: namespace })).metadata!.uid];
    return { uids, phase: data?.phase, revision: metadata!.annotations!["flink-kubernetes/revision"] };
  };

  it("are made where there are none, and stay when the stack goes", async () => {
    await up(true, "a");
    const body = [{ op: "add", path: "/data", value: { phase: "stopped" } }];
    await core.patchNamespacedConfigMap({ namespace, name: "ledger", body });
    const before = await seen();
    assert.equal(before.revision, "a");
    await stack.down();
    assert.deepEqual(await seen(), before);
    assert.equal((await ledger()).metadata!.labels!["flink-kubernetes/ledger"], "true");
  });

  it("are taken over by the next stack, with what it wants and with what stood there", async () => {
    const before = await seen();
    await up(true, "b");
    assert.deepEqual(await seen(), { ...before, revision: "b" });
    assert.deepEqual(await up(true, "b"), []);
  });

  it("are the same when they are no longer to stay, and when they are again", async () => {
    const before = await seen();
    assert.deepEqual([...new Set(await up(false, "c"))], ["update"]);
    assert.deepEqual(await seen(), { ...before, revision: "c" });
    assert.deepEqual([...new Set(await up(true, "d"))], ["update"]);
    assert.deepEqual(await seen(), { ...before, revision: "d" });
  });

  it("go with the stack when they are not to stay", async () => {
    await up(false, "e");
    await stack.down();
    await assert.rejects(ledger(), (error: { code?: number }) => error.code === 404);
  });
});

import assert from "node:assert/strict";
import { down, preview, up } from "../../local/direct";
import { failure, Scratch, testCluster } from "./direct-support";

const secrets: { config: Record<string, string>; secretConfigKeys: string[] } = {
  config: { "honours:password": "hunter2" },
  secretConfigKeys: ["honours:password"],
};

describe("direct: running a program against a cluster", function () {
  this.timeout(300_000);
  let scratch: Scratch;

  beforeEach(function () {
    scratch = new Scratch(testCluster(this));
  });
  afterEach(async () => {
    await scratch?.cleanUp();
  });

  it("five resources: outputs are those of the live objects, and a second run changes nothing", async () => {
    const name = scratch.name();
    const stack = scratch.stack("five.ts", { "direct:namespace": name });
    const first = await up(stack);
    assert.equal(first.created, 5);
    const account = await scratch.get("ServiceAccount", name, "account");
    assert.deepEqual(first.outputs, { accountUid: account!.metadata.uid, greeting: "hello" });
    const derived = await scratch.get("ConfigMap", name, "derived");
    assert.deepEqual(derived!.data, {
      from: "settings",
      greeting: `hello, ${name}`,
      uid: account!.metadata.uid,
    });
    const second = await up(stack);
    assert.deepEqual(
      [second.unchanged, second.created + second.updated + second.replaced + second.deleted],
      [5, 0],
    );
    assert.equal((await down(stack)).deleted, 5);
  });

  it("secrets, unknowns, Resource.get by a Job's id, generated values and explicit providers, for real", async () => {
    const namespace = await scratch.namespace();
    const stack = { ...scratch.stack("../record/honours.ts"), ...secrets };
    stack.config = { ...stack.config, "honours:namespace": namespace };
    const { outputs } = await up(stack);
    assert.deepEqual(outputs, { phase: "written", secret: "hunter2", jobId: `${namespace}/job` });
    const text = async (kind: string, name: string, key: string) =>
      String(((await scratch.get(kind, namespace, name))!.data as Record<string, string>)[key]);
    assert.equal(await text("ConfigMap", "from-ledger", "phase"), "written");
    assert.equal(Buffer.from(await text("Secret", "secret", "password"), "base64").toString(), "hunter2");
    const generated = await text("Secret", "generated", "password");
    assert.equal(Buffer.from(generated, "base64").toString().length, 20);
    assert.ok(await scratch.get("ConfigMap", namespace, "by-provider"));
    const again = await up(stack);
    assert.equal(again.created + again.updated + again.replaced + again.deleted, 0);
    assert.equal(await text("Secret", "generated", "password"), generated);
    await down(stack); // removes the provider's object through the connection that was kept for it
    assert.equal(await scratch.get("ConfigMap", namespace, "by-provider"), undefined);
  });

  it("the program's own problems and the server's are told together, and nothing is applied", async () => {
    const namespace = await scratch.namespace();
    const error = await failure(up(scratch.stack("problems.ts", { "direct:namespace": namespace })));
    assert.match(error.message, /Nothing was applied/);
    assert.match(error.message, /cluster-a\.jobManager\.memory: 1 is too small\n\s*cluster-b: unknown key/);
    assert.match(error.message, /Service::bad[^]*123456/);
    assert.equal(await scratch.get("ConfigMap", namespace, "fine"), undefined);
  });

  it("an exception of the program while it is applied is told, with what is left", async () => {
    const namespace = await scratch.namespace();
    const error = await failure(up(scratch.stack("throws.ts", { "direct:namespace": namespace })));
    assert.match(error.message, /no use for version some[^]*Applied and ready: ConfigMap direct-\w+\/fine/);
  });

  it("what the engine alone can do is refused before anything is applied", async () => {
    const error = await failure(preview(scratch.stack("../record/refused.ts")));
    assert.match(error.message, /Nothing was applied, because of these \d+:[^]*Remote::remote/);
  });

  it("a context that does not exist, and a cluster that does not answer", async () => {
    const stack = scratch.stack("five.ts", { "direct:namespace": "never" });
    assert.match(
      (await failure(up({ ...stack, context: "nowhere" }))).message,
      /no context "nowhere"\. It has: /,
    );
    const kubeconfig = JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    });
    assert.match(
      (await failure(up({ ...stack, kubeconfig }))).message,
      /https:\/\/127\.0\.0\.1:1 does not answer/,
    );
  });
});

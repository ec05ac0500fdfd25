import assert from "node:assert/strict";
import type { RunEvent } from "../../recorder";
import { openStack } from "../../local/engine/workspace";
import { describeStep, engineFixture, objectsIn } from "../support/engine";
import { core, eventually, kubeconfig, needsNode, TestStack } from "./support";

/** What users of Pulumi count on, with a program of a few objects: what is done here does not depend on what they are. */
describe("the Pulumi engine, as this project uses it", function () {
  this.timeout(600_000);
  const namespace = "engine-small";
  const stack = new TestStack(namespace, engineFixture("small"), undefined, "small");
  stack.previewsFirst = true;
  const values = (more: Record<string, unknown> = {}) => ({ namespace, colour: "blue", ...more });
  const password = async () => {
    const { data } = await core.readNamespacedSecret({ namespace, name: "small-login" });
    return Buffer.from(data!.password!, "base64").toString();
  };
  const settings = async () =>
    (await core.readNamespacedConfigMap({ namespace, name: "small-settings" })).metadata!.annotations;

  before(function () {
    needsNode(this);
  });
  after("take it down", async function () {
    if (kubeconfig !== "") await stack.down();
  });

  it("keeps a random password over an update without and with another change, and over a refresh", async () => {
    await stack.up(values({ passwordLength: "24" }));
    const made = await password();
    assert.equal(made.length, 24);
    await stack.up(values({ passwordLength: "24" }));
    assert.deepEqual(stack.changes, []);
    await stack.refresh(values());
    assert.deepEqual(stack.changes, []);
    await stack.up(values({ passwordLength: "24", colour: "green" }));
    assert.equal(await password(), made);
  });

  it("has secrets in its state and in what it says only encrypted", async () => {
    const [state, made] = [await stack.state(), await password()];
    assert.match(state, /"ciphertext"/);
    for (const text of [state, stack.log.join("\n"), JSON.stringify(stack.steps)]) {
      assert.ok(!text.includes(made) && !text.includes(Buffer.from(made).toString("base64")));
    }
  });

  it("makes another password when another length is wanted", async () => {
    const before = await password();
    await stack.up(values({ passwordLength: "32", colour: "green" }));
    const after = await password();
    assert.equal(after.length, 32);
    assert.notEqual(after.slice(0, 24), before);
    await stack.up(values({ passwordLength: "32", colour: "green" }));
    assert.deepEqual(stack.changes, []);
  });

  it("makes the successor of an object first, then changes what refers to it, and deletes the old one last", async () => {
    await stack.up(values());
    await stack.up(values({ colour: "red" }));
    const order = stack.steps
      .map(describeStep)
      .filter((step) =>
        [
          "create-replacement ConfigMap palette",
          "update ConfigMap settings",
          "delete-replaced ConfigMap palette",
        ].includes(step),
      );
    assert.deepEqual(order, [
      "create-replacement ConfigMap palette",
      "update ConfigMap settings",
      "delete-replaced ConfigMap palette",
    ]);
    assert.deepEqual(await settings(), { palette: "small-palette-red", note: "none" });
  });

  it("goes on after an update that failed, and nothing is to be changed when that is taken back", async () => {
    await stack.up(values({ colour: "red" }));
    await assert.rejects(stack.up(values({ colour: "red", note: "new", broken: "true" })), /broken/);
    assert.deepEqual(await settings(), { palette: "small-palette-red", note: "new" });
    await stack.up(values({ colour: "red" }));
    assert.deepEqual(await settings(), { palette: "small-palette-red", note: "none" });
    const names = (await objectsIn(kubeconfig, namespace)).map(({ metadata }) => metadata.name).sort();
    assert.deepEqual(names, [namespace, "small-palette-red", "small-settings"].sort());
    await stack.up(values({ colour: "red" }));
    assert.deepEqual(stack.changes, []);
    await stack.refresh(values());
    assert.deepEqual(stack.changes, []);
  });

  it("makes again what somebody has deleted, when it is to compare first", async () => {
    await core.deleteNamespacedConfigMap({ namespace, name: "small-settings" });
    await stack.up(values({ colour: "red" }));
    assert.deepEqual(stack.changes, [], "as with Pulumi's own command, nobody looks unasked");
    await stack.up(values({ colour: "red" }), { refresh: true });
    assert.deepEqual(await settings(), { palette: "small-palette-red", note: "none" });
  });

  it("destroys the rest of a stack whose removal was interrupted", async () => {
    await stack.up(values({ held: "true" }));
    const interrupt = new AbortController();
    let deleting: () => void;
    const reached = new Promise<void>((resolve) => (deleting = resolve));
    const onEvent = (event: RunEvent) => {
      if (event.type === "resource" && event.op === "delete" && event.name === "small-held") deleting();
    };
    const down = stack.down({ onEvent, signal: interrupt.signal });
    down.catch(() => undefined);
    await Promise.race([reached, down]);
    await eventually("a deletion that waits", 30, async () => {
      const { metadata } = await core.readNamespacedConfigMap({ namespace, name: "small-held" });
      return metadata!.deletionTimestamp;
    });
    interrupt.abort();
    await assert.rejects(down, /Interrupted/);
    assert.ok((await objectsIn(kubeconfig, namespace)).length > 1, "something is left");
    const body = [{ op: "remove", path: "/metadata/finalizers" }];
    await core.patchNamespacedConfigMap({ namespace, name: "small-held", body });
    await stack.down();
    assert.deepEqual(await objectsIn(kubeconfig, namespace), []);
  });
});

describe("a namespace of somebody else, and the Pulumi engine", function () {
  this.timeout(600_000);
  const program = engineFixture("small");
  const namespace = "engine-adopted";
  const [left, right] = ["left", "right"].map(
    (name) => new TestStack(namespace, program, undefined, name),
  ) as [TestStack, TestStack];
  const values = (more: Record<string, unknown> = {}) => ({
    namespace,
    colour: "blue",
    adopt: "true",
    ...more,
  });
  const names = async () =>
    (await objectsIn(kubeconfig, namespace)).map(({ metadata }) => metadata.name).sort();

  before("make it", async function () {
    needsNode(this);
    await core.createNamespace({ body: { metadata: { name: namespace, labels: { owner: "somebody" } } } });
  });
  after("remove it", async function () {
    if (kubeconfig === "") return;
    await left.down();
    await right.down();
    await core.deleteNamespace({ name: namespace }).catch(() => undefined);
  });

  it("holds two stacks that are updated at the same time, and is left alone by both", async () => {
    for (const colour of ["blue", "green"]) {
      await Promise.all([left, right].map((stack) => stack.up(values({ colour }))));
      const own = (name: string) => [`${name}-palette-${colour}`, `${name}-settings`];
      assert.deepEqual(await names(), [namespace, ...own("left"), ...own("right")].sort());
    }
    await right.down();
    assert.deepEqual(await names(), [namespace, "left-palette-green", "left-settings"]);
  });

  it("is imported into a stack's state, and then is that stack's", async () => {
    const { uid } = (await core.readNamespace({ name: namespace })).metadata!;
    const { stack, close } = await openStack(await left.options(values({ colour: "green" })));
    const resource = { type: "kubernetes:core/v1:Namespace", name: "namespace", id: namespace };
    await stack.import({ resources: [resource], protect: false, generateCode: false }).finally(close);
    await left.up(values({ colour: "green", adopt: "false" }));
    assert.deepEqual(
      left.changes.filter((change) => !/^update Namespace/.test(change)),
      [],
    );
    assert.equal((await core.readNamespace({ name: namespace })).metadata!.uid, uid);
    await left.down();
    assert.deepEqual(await names(), []);
  });
});

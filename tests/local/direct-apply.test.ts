import assert from "node:assert/strict";
import { down, inventoryName, preview, up } from "../../local/direct";
import type { JsonObject } from "../../local/json";
import { ends, failure, type Program, running, Scratch, testCluster } from "./direct-support";

const labels = { app: "direct" };

function configMap(namespace: string, name: string, data: JsonObject, more: JsonObject = {}): JsonObject {
  return { metadata: { name, namespace }, data, ...more };
}

/** A Deployment that is ready at once on any cluster while it wants no pods; if it does, they fit no node, so no kubelet delays a test. */
function deployment(namespace: string, replicas: number | undefined, image = "nobody/nothing:1"): JsonObject {
  const template = {
    metadata: { labels },
    spec: { nodeSelector: { never: "true" }, containers: [{ name: "main", image }] },
  };
  return {
    metadata: { name: "nothing", namespace },
    spec: { ...(replicas === undefined ? {} : { replicas }), selector: { matchLabels: labels }, template },
  };
}

describe("direct: applying to a cluster", function () {
  this.timeout(120_000);
  let scratch: Scratch;

  beforeEach(function () {
    scratch = new Scratch(testCluster(this));
  });
  afterEach(async () => {
    await scratch?.cleanUp();
  });

  it("creates, leaves alone what is unchanged, updates what is not, and removes what is gone", async () => {
    const stack = scratch.stack();
    const name = scratch.name();
    let data: JsonObject | undefined = { a: "1" };
    const program = running(stack, async ({ object }: Program) => {
      const namespace = await object("Namespace", { metadata: { name } });
      const dependencies = [namespace.urn];
      const kept = await object("ConfigMap", configMap(name, "kept", { x: "y" }), { dependencies });
      if (data) {
        await object("ConfigMap", configMap(name, "changing", data), {
          dependencies: [...dependencies, kept.urn],
        });
      }
    });
    const counts = async () => {
      const { created, updated, unchanged, replaced, deleted } = await up(stack, program);
      return { created, updated, unchanged, replaced, deleted };
    };
    const none = { created: 0, updated: 0, unchanged: 0, replaced: 0, deleted: 0 };

    assert.deepEqual(await counts(), { ...none, created: 3 });
    const before = await scratch.get("ConfigMap", name, "changing");
    assert.deepEqual(await counts(), { ...none, unchanged: 3 });
    const after = await scratch.get("ConfigMap", name, "changing");
    assert.equal(after!.metadata.resourceVersion, before!.metadata.resourceVersion);

    data = { a: "2" };
    const plan = await preview(stack, program);
    assert.deepEqual([plan.updated, plan.unchanged], [1, 2]);
    assert.equal(
      (await scratch.get("ConfigMap", name, "changing"))!.metadata.resourceVersion,
      before!.metadata.resourceVersion,
    );
    assert.deepEqual(await counts(), { ...none, updated: 1, unchanged: 2 });
    assert.deepEqual((await scratch.get("ConfigMap", name, "changing"))!.data, { a: "2" });

    data = undefined;
    assert.deepEqual(await counts(), { ...none, unchanged: 2, deleted: 1 });
    assert.equal(await scratch.get("ConfigMap", name, "changing"), undefined);
    await down(stack);
    assert.equal(await scratch.get("Namespace", undefined, name), undefined);
    assert.equal(await scratch.get("ConfigMap", "default", inventoryName("direct", stack.stack)), undefined);
  });

  it("deletes dependents before what they depend on, and without running the program", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    await up(
      stack,
      running(stack, async ({ object }) => {
        let dependencies: string[] = [];
        for (const name of ["first", "second", "third"]) {
          dependencies = [(await object("ConfigMap", configMap(namespace, name, {}), { dependencies })).urn];
        }
      }),
    );
    stack.events.length = 0;
    // the entry file does not exist: whatever runs the program would fail
    const { deleted } = await down({ ...stack, main: "no-such-file.ts" });
    assert.equal(deleted, 3);
    assert.deepEqual(ends(stack.events), [
      "delete ConfigMap third",
      "delete ConfigMap second",
      "delete ConfigMap first",
    ]);
  });

  it("tells every mistake at once, in the namespace that the run itself creates too, and applies nothing", async () => {
    const stack = scratch.stack();
    const name = scratch.name();
    const error = await failure(
      up(
        stack,
        running(stack, async ({ object }) => {
          await object("Namespace", { metadata: { name } });
          await object("ConfigMap", configMap(name, "fine", {}));
          await object("ConfigMap", { metadata: { name: "misspelt", namespace: name }, dtaa: { a: "b" } });
          await object("Deployment", { ...deployment(name, 0), spec: { replicas: 0, template: {} } });
          await object("ConfigMap", configMap("nowhere-at-all", "lost", {}));
          await object("Widget", { metadata: { name: "unknown-kind", namespace: name } });
        }),
      ),
    );
    assert.match(error.message, /Nothing was applied/);
    assert.equal(error.findings.length, 4);
    assert.match(error.message, /ConfigMap::misspelt[^]*dtaa/);
    assert.match(error.message, /Deployment::nothing[^]*selector/);
    assert.match(error.message, /namespace nowhere-at-all does not exist[^]*kubectl create namespace/);
    assert.match(error.message, /no kind Widget in v1/);
    assert.equal(await scratch.get("Namespace", undefined, name), undefined);
    assert.equal(await scratch.get("ConfigMap", "default", inventoryName("direct", stack.stack)), undefined);
  });

  it("refuses a change of an immutable field before anything is applied, and names object and command", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    let changed = false;
    const program = running(stack, async ({ object }) => {
      await object("ConfigMap", configMap(namespace, "other", { changed: String(changed) }));
      await object(
        "ConfigMap",
        configMap(namespace, "frozen", { changed: String(changed) }, { immutable: true }),
      );
      const clusterIP: JsonObject = changed ? { clusterIP: "None" } : {};
      await object("Service", {
        metadata: { name: "s", namespace },
        spec: { ...clusterIP, ports: [{ port: 80 }] },
      });
      const app = changed ? "new" : "old";
      const template = {
        metadata: { labels: { app } },
        spec: { containers: [{ name: "main", image: "nothing" }] },
      };
      const spec = { replicas: 0, selector: { matchLabels: { app } }, template };
      await object("Deployment", { metadata: { name: "d", namespace }, spec });
      const roleRef = {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: changed ? "edit" : "view",
      };
      await object("RoleBinding", { metadata: { name: "b", namespace }, roleRef, subjects: [] });
      const resources = { requests: { storage: "1Mi" } };
      const accessModes = [changed ? "ReadWriteMany" : "ReadWriteOnce"];
      await object("PersistentVolumeClaim", {
        metadata: { name: "p", namespace, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: { accessModes, resources, storageClassName: "" },
      });
    });
    await up(stack, program);
    changed = true;
    const error = await failure(up(stack, program));
    for (const [kind, name] of [
      ["configmap", "frozen"],
      ["service", "s"],
      ["deployment", "d"],
      ["rolebinding", "b"],
      ["persistentvolumeclaim", "p"],
    ]) {
      assert.match(
        error.message,
        new RegExp(`cannot be changed in place[^]*kubectl --namespace ${namespace} delete ${kind} ${name}`),
      );
    }
    assert.deepEqual((await scratch.get("ConfigMap", namespace, "other"))!.data, { changed: "false" });
  });

  it("does not take over what is not this stack's, unless the program imports it", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    await scratch.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "theirs", namespace },
      data: { a: "b" },
    });
    const error = await failure(
      up(
        stack,
        running(
          stack,
          async ({ object }) => void (await object("ConfigMap", configMap(namespace, "theirs", { a: "c" }))),
        ),
      ),
    );
    assert.match(error.message, /ConfigMap direct-\w+\/theirs exists already and is not this stack's/);
    const importId = `${namespace}/theirs`;
    const result = await up(
      stack,
      running(
        stack,
        async ({ object }) =>
          void (await object("ConfigMap", configMap(namespace, "theirs", { a: "c" }), {
            options: { importId },
          })),
      ),
    );
    assert.equal(result.updated, 1);
  });

  it("ignoreChanges: a value that somebody else has set stays, through changes of other fields", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    let image = "nobody/nothing:1";
    const program = running(stack, async ({ object }) => {
      await object("Deployment", deployment(namespace, 0, image), {
        options: { ignoreChanges: ["spec.replicas"] },
      });
    });
    await up(stack, program);
    // leaving the field out would give it up, and the server would reset it to 1
    assert.deepEqual([(await up(stack, program)).unchanged], [1]);
    const reference = { apiVersion: "apps/v1", kind: "Deployment", namespace, name: "nothing" };
    const skip = { metadata: { annotations: { "pulumi.com/skipAwait": "true" } } };
    await scratch.patch(reference, { spec: { replicas: 2 }, ...skip }, "application/merge-patch+json");
    assert.deepEqual([(await up(stack, program)).unchanged], [1]);
    image = "nobody/nothing:2";
    assert.deepEqual([(await up(stack, program)).updated], [1]);
    const live = await scratch.get("Deployment", namespace, "nothing");
    const spec = live!.spec as { replicas: number; template: { spec: { containers: { image: string }[] } } };
    assert.equal(spec.replicas, 2);
    assert.equal(spec.template.spec.containers[0]!.image, image);
  });

  it("many objects side by side: one run, no warning of node about it", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on("warning", note);
    const program = running(stack, async ({ object }) => {
      const names = Array.from({ length: 30 }, (_, index) => `many-${index}`);
      await Promise.all(names.map((name) => object("ConfigMap", configMap(namespace, name, {}))));
    });
    assert.equal((await up(stack, program)).created, 30);
    assert.equal((await up(stack, program)).unchanged, 30);
    process.off("warning", note);
    assert.deepEqual(warnings, []);
  });

  it("protect refuses deletion by removal and by down; retainOnDelete keeps the object", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    let protect = true;
    let present = true;
    const program = running(stack, async ({ object }) => {
      if (present) {
        await object("ConfigMap", configMap(namespace, "guarded", {}), { options: { protect } });
        await object("ConfigMap", configMap(namespace, "retained", {}), {
          options: { retainOnDelete: true },
        });
      }
    });
    await up(stack, program);
    assert.match((await failure(down(stack))).message, /guarded is protected/);
    present = false;
    assert.match((await failure(up(stack, program))).message, /Nothing was applied[^]*guarded is protected/);
    present = true;
    protect = false;
    await up(stack, program);
    present = false;
    await up(stack, program);
    assert.equal(await scratch.get("ConfigMap", namespace, "guarded"), undefined);
    assert.ok(await scratch.get("ConfigMap", namespace, "retained"));
  });

  it("a Patch with retainOnDelete is applied to what is there, makes what is not, and leaves it", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    const kind = { kind: "ConfigMap", apiVersion: "v1" };
    const program = running(stack, async ({ register }) => {
      await register({
        ...{ type: "kubernetes:core/v1:ConfigMapPatch", name: "kept" },
        inputs: { ...kind, metadata: { namespace, name: "kept", labels: { a: "1" } } },
        options: { retainOnDelete: true },
      });
    });
    await up(stack, program);
    await down(stack);
    const reference = { ...kind, namespace, name: "kept" };
    await scratch.patch(reference, { data: { phase: "stopped" } }, "application/merge-patch+json");
    await up(scratch.stack(), program);
    const kept = await scratch.get("ConfigMap", namespace, "kept");
    assert.deepEqual(kept?.data, { phase: "stopped" });
  });

  it("deletedWith: what goes with another object is not deleted on its own", async () => {
    const stack = scratch.stack();
    const name = scratch.name();
    await up(
      stack,
      running(stack, async ({ object }) => {
        const namespace = await object("Namespace", { metadata: { name } });
        const step = { dependencies: [namespace.urn], options: { deletedWith: namespace.urn } };
        await object(
          "ConfigMap",
          { metadata: { name: "inside", namespace: name, finalizers: ["test/never"] } },
          step,
        );
      }),
    );
    const reference = { apiVersion: "v1", kind: "ConfigMap", namespace: name, name: "inside" };
    const unblock = setTimeout(
      () => void scratch.patch(reference, { metadata: { finalizers: null } }, "application/merge-patch+json"),
      2000,
    );
    await down(stack); // deleting the ConfigMap itself would be first, and wait for the finalizer
    clearTimeout(unblock);
    const order = stack.events.flatMap((event) =>
      event.type === "resource" && event.op === "delete" ? [`${event.kind} ${event.status}`] : [],
    );
    assert.deepEqual(order, ["ConfigMap start", "ConfigMap done", "Namespace start", "Namespace done"]);
    assert.equal(await scratch.get("Namespace", undefined, name), undefined);
  });

  it("a resource that gets another object: the new one is created before the old one is deleted", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    let hash = "aaa";
    const program = running(stack, async ({ register }) => {
      const inputs = {
        apiVersion: "v1",
        kind: "ConfigMap",
        ...configMap(namespace, `conf-${hash}`, { hash }, { immutable: true }),
      };
      await register({ type: "kubernetes:core/v1:ConfigMap", name: "conf", inputs });
    });
    await up(stack, program);
    hash = "bbb";
    stack.events.length = 0;
    const result = await up(stack, program);
    assert.deepEqual([result.created, result.deleted], [1, 1]);
    assert.deepEqual(ends(stack.events), ["create ConfigMap conf-bbb", "delete ConfigMap conf-aaa"]);
  });

  it("a resource that gets another name in the program keeps its object", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    let name = "before";
    const inputs = { apiVersion: "v1", kind: "ConfigMap", ...configMap(namespace, "same", {}) };
    const program = running(
      stack,
      async ({ register }) => void (await register({ type: "kubernetes:core/v1:ConfigMap", name, inputs })),
    );
    await up(stack, program);
    name = "after";
    const result = await up(stack, program);
    assert.deepEqual([result.unchanged, result.deleted], [1, 0]);
    assert.equal((await down(stack)).deleted, 1);
  });

  it("a custom resource of a definition that the same run installs", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    const group = `${scratch.name()}.example.com`;
    const schema = {
      openAPIV3Schema: {
        type: "object",
        properties: { spec: { type: "object", properties: { a: { type: "string" } } } },
      },
    };
    let field = "a";
    const program = running(stack, async ({ object, register }) => {
      const definition = await object("CustomResourceDefinition", {
        metadata: { name: `widgets.${group}` },
        spec: {
          group,
          scope: "Namespaced",
          names: { plural: "widgets", singular: "widget", kind: "Widget" },
          versions: [{ name: "v1", served: true, storage: true, schema }],
        },
      });
      const inputs = {
        apiVersion: `${group}/v1`,
        kind: "Widget",
        // in the foreground its deletion waits until the garbage collector has noticed the new kind: up to half a minute
        metadata: {
          name: "w",
          namespace,
          annotations: { "pulumi.com/deletionPropagationPolicy": "background" },
        },
        spec: { [field]: "b" },
      };
      await register({
        type: `kubernetes:${group}/v1:Widget`,
        name: "w",
        inputs,
        dependencies: [definition.urn],
      });
    });
    assert.equal((await up(stack, program)).created, 2);
    assert.equal((await up(stack, program)).unchanged, 2);
    field = "misspelt";
    assert.match(
      (await failure(up(stack, program))).message,
      /Nothing was applied[^]*\.spec\.misspelt: field not declared/,
    );
    await down(stack);
  });

  it("a Pod and the ServiceAccount that the same run creates for it pass the check together", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    const program = running(stack, async ({ object }) => {
      const account = await object("ServiceAccount", { metadata: { name: "a", namespace } });
      const containers = [{ name: "main", image: "nobody/nothing" }];
      const spec = { serviceAccountName: "a", nodeSelector: { never: "true" }, containers };
      const metadata = { name: "p", namespace, annotations: { "pulumi.com/skipAwait": "true" } };
      await object("Pod", { metadata, spec }, { dependencies: [account.urn] });
    });
    assert.equal((await up(stack, program)).created, 2);
    const error = await failure(
      up(
        stack,
        running(stack, async ({ object }) => {
          const spec = { serviceAccountName: "b", containers: [{ name: "main", image: "nobody/nothing" }] };
          await object("Pod", { metadata: { name: "q", namespace }, spec });
        }),
      ),
    );
    assert.match(error.message, /Nothing was applied[^]*serviceaccount "b" not found/);
  });

  it("one object registered by two resources is refused", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    const error = await failure(
      up(
        stack,
        running(stack, async ({ object }) => {
          await object("ConfigMap", configMap(namespace, "twice", {}));
          await object("ConfigMap", configMap(namespace, "twice", {}), { name: "second" });
        }),
      ),
    );
    assert.match(error.message, /twice is registered a second time; the first is urn:/);
  });

  it("an object in a crash's leftover deletion is waited for and created anew", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    const metadata = { name: "slow", namespace, finalizers: ["test/slow"] };
    const program = running(stack, async ({ object }) => void (await object("ConfigMap", { metadata })));
    await up(stack, program);
    const reference = { apiVersion: "v1", kind: "ConfigMap", namespace, name: "slow" };
    const first = await scratch.get("ConfigMap", namespace, "slow");
    await scratch.delete(reference);
    const release = () =>
      scratch.patch(reference, { metadata: { finalizers: null } }, "application/merge-patch+json");
    const timer = setTimeout(() => void release(), 500);
    assert.equal((await up(stack, program)).created, 1);
    clearTimeout(timer);
    assert.notEqual((await scratch.get("ConfigMap", namespace, "slow"))!.metadata.uid, first!.metadata.uid);
    await release();
  });

  it("an object is in the inventory before it is applied: a failure leaves nothing unowned, and the next run goes on", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    let broken = true;
    const program = running(stack, async ({ object, dryRun }) => {
      await object("ConfigMap", configMap(namespace, "first", {}));
      // wrong only in the second pass, as a value is that the first one cannot know
      const bad: JsonObject = broken && !dryRun ? { dtaa: {} } : {};
      await object("ConfigMap", configMap(namespace, "second", {}, bad));
      await object("ConfigMap", configMap(namespace, "third", {}));
    });
    const error = await failure(up(stack, program));
    assert.match(error.message, /ConfigMap::second[^]*dtaa/);
    assert.match(error.message, /Applied and ready: ConfigMap direct-\w+\/first\n/);
    assert.match(error.message, /Was being applied: ConfigMap direct-\w+\/second\n/);
    assert.match(error.message, /Not applied: ConfigMap direct-\w+\/third\n/);
    const inventory = await scratch.get("ConfigMap", "default", inventoryName("direct", stack.stack));
    assert.equal(Object.keys(inventory!.data as object).length, 2);
    broken = false;
    const { created, unchanged } = await up(stack, program);
    assert.deepEqual([created, unchanged], [2, 1]);
  });

  it("an interrupt while something is waited for ends at once and tells what is left", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    const controller = new AbortController();
    const error = await failure(
      up(
        {
          ...stack,
          signal: controller.signal,
          onEvent: (event) => {
            if (event.type === "resource" && event.kind === "Deployment" && event.status === "start") {
              setTimeout(() => controller.abort(), 300);
            }
          },
        },
        running(stack, async ({ object }) => {
          await object("ConfigMap", configMap(namespace, "done", {}));
          await object("Deployment", deployment(namespace, 1));
        }),
      ),
    );
    assert.match(
      error.message,
      /Interrupted[^]*Applied and ready: ConfigMap [^]*not known to be ready: Deployment [^]*Run it again/,
    );
  });

  it("customTimeouts: a wait ends with what is missing, and with the pods' own reasons", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    const start = Date.now();
    const error = await failure(
      up(
        stack,
        running(
          stack,
          async ({ object }) =>
            void (await object("Deployment", deployment(namespace, 1), {
              options: { timeouts: { create: 1000 } },
            })),
        ),
      ),
    );
    assert.match(error.message, /Deployment direct-\w+\/nothing: not ready after 1 s: /);
    assert.ok(Date.now() - start < 15_000);
  });

  it("pulumi.com/skipAwait and pulumi.com/waitFor are honoured", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    const annotated = (annotations: JsonObject) => {
      const object = deployment(namespace, 1);
      return { ...object, metadata: { ...(object.metadata as JsonObject), annotations } };
    };
    const run = (annotations: JsonObject) =>
      up(
        stack,
        running(stack, async ({ object }) => void (await object("Deployment", annotated(annotations)))),
      );
    await run({ "pulumi.com/skipAwait": "true" });
    await run({ "pulumi.com/waitFor": '["jsonpath={.spec.replicas}=1", "condition=Available=False"]' });
    const error = await failure(
      run({ "pulumi.com/waitFor": "condition=Never", "pulumi.com/timeoutSeconds": "1" }),
    );
    assert.match(error.message, /not ready after 1 s: waiting for condition=Never/);
  });

  it("Resource.get reads what is only there in the second pass, and refuses what is never there", async () => {
    const stack = scratch.stack();
    const namespace = await scratch.namespace();
    let data: unknown;
    const program = running(stack, async ({ object, get }) => {
      const made = await object("ConfigMap", configMap(namespace, "ledger", { phase: "running" }));
      data = (
        await get("kubernetes:core/v1:ConfigMap", "read", made.id ?? "04da6b54-80e4-46f7-96ec-b56ff0331ba9")
      ).outputs.data;
    });
    await up(stack, program);
    assert.deepEqual(data, { phase: "running" });
    const error = await failure(
      up(
        stack,
        running(
          stack,
          async ({ get }) => void (await get("kubernetes:core/v1:ConfigMap", "read", `${namespace}/never`)),
        ),
      ),
    );
    assert.match(error.message, /ConfigMap direct-\w+\/never is to be read and does not exist/);
  });

  it("random values are generated once, kept in the stack's Secret, and made anew for other inputs", async () => {
    const stack = scratch.stack();
    let length = 24;
    let value: unknown;
    const program = running(stack, async ({ register }) => {
      const { outputs, secretKeys } = await register({
        type: "random:index/randomPassword:RandomPassword",
        name: "p",
        inputs: { length },
      });
      value = outputs.result;
      assert.ok(outputs.result === undefined || secretKeys!.includes("result"));
    });
    await up(stack, program);
    const first = value as string;
    assert.equal(first.length, 24);
    await up(stack, program);
    assert.equal(value, first);
    const secret = await scratch.get("Secret", "default", inventoryName("direct", stack.stack));
    const kept = Object.values(secret!.data as Record<string, string>).map((text) =>
      Buffer.from(text, "base64").toString(),
    );
    assert.ok(kept[0]!.includes(JSON.stringify(first)));
    length = 30;
    await up(stack, program);
    assert.equal((value as string).length, 30);
    await up(
      stack,
      running(stack, async () => undefined),
    );
    assert.deepEqual(
      Object.keys((await scratch.get("Secret", "default", inventoryName("direct", stack.stack)))?.data ?? {}),
      [],
    );
  });

  it("the default namespace: of kubernetes:namespace, of an explicit provider, and of the context", async () => {
    const ours = await scratch.namespace();
    const theirs = await scratch.namespace();
    const stack = { ...scratch.stack(), config: { "kubernetes:namespace": ours } };
    const inputs = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });
    const type = "kubernetes:core/v1:ConfigMap";
    await up(
      stack,
      running(stack, async ({ register }) => {
        await register({ type, name: "a", inputs: inputs("a") });
        const provider = await register({
          type: "pulumi:providers:kubernetes",
          name: "p",
          inputs: { namespace: theirs },
        });
        await register({ type, name: "b", inputs: inputs("b"), provider: provider.urn });
      }),
    );
    assert.ok(await scratch.get("ConfigMap", ours, "a"));
    assert.ok(await scratch.get("ConfigMap", theirs, "b"));
    assert.equal((await down(stack)).deleted, 2); // also the provider's, whose connection only the stack's Secret remembers
  });
});

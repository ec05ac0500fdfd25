import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { down, preview, render, up } from "../../local/direct";
import type { KubernetesObject } from "../../local/kubernetes";
import { failure, options, Scratch, testCluster } from "./direct-support";

const secrets: { config: Record<string, string>; secretConfigKeys: string[] } = {
  config: { "direct:password": "hunter2" },
  secretConfigKeys: ["direct:password"],
};

function parsed(yaml: string): Map<string, KubernetesObject> {
  const objects = parseAllDocuments(yaml).map((document) => document.toJS() as KubernetesObject);
  return new Map(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object]));
}

describe("direct: rendering a program", function () {
  this.timeout(300_000);

  describe("what the SDK's protocol carries", () => {
    let yaml: string;
    let objects: Map<string, KubernetesObject>;
    const stack = { ...options("honours.ts"), ...secrets };

    before(async () => {
      ({ yaml } = await render(stack));
      objects = parsed(yaml);
    });

    it("secrets are Kubernetes Secrets, in clear in this format", () => {
      assert.deepEqual(objects.get("Secret secret")!.stringData, {
        password: "hunter2",
        url: "https://user:hunter2@example.com",
      });
    });

    it("transforms run in the engine's order: the resource's, its parents', the stack's", () => {
      assert.deepEqual(objects.get("ConfigMap transformed")!.metadata.labels, {
        own: "0",
        parent: "1",
        stack: "2",
      });
    });

    it("an ignored field is left out", () => {
      assert.equal("replicas" in (objects.get("Deployment scaled")!.spec as object), false);
    });

    it("Resource.get renders nothing, and what depends on its content is marked", () => {
      assert.equal(objects.has("ConfigMap read-ledger"), false);
      assert.deepEqual(objects.get("ConfigMap from-ledger")!.data, {
        phase: "<unknown until applied: data.phase>",
      });
      assert.ok(
        stack.events.some(
          (event) =>
            event.type === "log" && event.severity === "warning" && event.urn?.endsWith("::from-ledger"),
        ),
      );
    });

    it("a generated secret is a marked placeholder", () => {
      assert.deepEqual(objects.get("Secret generated")!.stringData, { password: "GENERATE-ME-generated" });
    });

    it("an explicit provider's namespace is used, and an object without a name gets one that is always the same", () => {
      assert.equal(objects.get("ConfigMap by-provider")!.metadata.namespace, "honoured");
      assert.ok([...objects.keys()].some((key) => /^ConfigMap autonamed-[0-9a-f]{8}$/.test(key)));
    });

    it("scripts stay readable", () => {
      assert.match(yaml, /- \|\n\s+echo one\n\s+echo two\n/);
    });

    it("the program's log and output arrive as events", () => {
      const lines = stack.events.flatMap((event) =>
        event.type === "log" ? [`${event.severity}: ${event.message}`] : [],
      );
      assert.ok(lines.includes("warning: a warning of the program"));
      assert.ok(lines.includes("info: a line of the program"));
    });
  });

  it("everything that only the engine can do is refused by URN, all at once", async () => {
    const error = await failure(render(options("refused.ts")));
    const refused = (urn: string, reason: RegExp) => {
      const finding = error.findings.find((found) => found.urn?.endsWith(urn));
      assert.ok(finding, `${urn} is not refused in:\n${error.message}`);
      assert.match(finding.message, reason);
    };
    refused("::somewhere:index:Remote::remote", /remote component/);
    refused("::aws:s3/bucket:Bucket::other", /provider "aws"/);
    refused("::pulumi:providers:aws::other-provider", /provider "aws"/);
    refused(
      "::pulumi:pulumi:StackReference::organization/project/stack",
      /Add --stack-output organization\/project\/stack=FILE/,
    );
    refused("::random:index/randomPet:RandomPet::pet", /RandomPassword/);
    refused("::kubernetes:core/v1:ConfigMapPatch::patch", /changes an object of somebody else/);
    refused("::kubernetes:helm.sh/v3:Release::release", /plugin of the engine/);
    refused("::kubernetes:core/v1:ConfigMap::hooked", /option hooks/);
    refused("::kubernetes:core/v1:ConfigMap::replaced", /option replaceOnChanges/);
    refused("::pulumi-nodejs:dynamic:Resource::dynamic", /dynamic resource/);
    refused("::pulumi:providers:kubernetes::rendering", /renderYamlToDirectory/);
  });

  it("a call to a function of a provider is refused by its token", async () => {
    const error = await failure(render(options("invoke.ts")));
    assert.match(error.message, /the function aws:index\/getRegion:getRegion is a call to a provider plugin/);
  });

  it("a program that does not load says why", async () => {
    const error = await failure(render(options("no-such-program.ts")));
    assert.match(error.message, /no-such-program/);
  });

  it("an interrupt ends the program", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    const error = await failure(render({ ...options("five.ts"), signal: controller.signal }));
    assert.match(error.message, /Interrupted/);
  });

  it("another order of creation, keys and timing gives the same bytes, in the order of dependency", async () => {
    const runs = await Promise.all(
      [1, 2].map(async () => (await render(options("shuffled.ts"))).yaml.replaceAll(/t[0-9a-f]{8}/g, "")),
    );
    assert.equal(runs[0], runs[1]);
    const order = [...parsed(runs[0]!).keys()].map((key) => key.split(" ")[1]);
    assert.deepEqual(order, ["shuffled", "a", "b", "c", "d", "e", "f", "aa"]);
  });
});

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
    const stack = { ...scratch.stack("honours.ts"), ...secrets };
    stack.config = { ...stack.config, "direct:namespace": namespace };
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
    const error = await failure(preview(scratch.stack("refused.ts")));
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

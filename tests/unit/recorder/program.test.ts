import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../../operations/kubernetes";
import { type ProgramRun, render, type RunEvent, StackError } from "../../../recorder";
import { hasUnknown } from "../../../recorder/values";
import { quickCompiler } from "../../../local/quick-compiler";
import { projectDir } from "../../support/project";

const secrets: { config: Record<string, string>; secretConfigKeys: string[] } = {
  config: { "honours:password": "hunter2" },
  secretConfigKeys: ["honours:password"],
};

function program(main: string): ProgramRun & { events: RunEvent[] } {
  const events: RunEvent[] = [];
  return {
    projectDir,
    main: `tests/fixtures/record/${main}`,
    env: quickCompiler,
    project: "recorded",
    stack: "test",
    config: {},
    secretConfigKeys: [],
    onEvent: (event) => events.push(event),
    events,
  };
}

async function failure(work: Promise<unknown>): Promise<StackError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof StackError, "it fails");
  return error;
}

function parsed(yaml: string): Map<string, KubernetesObject> {
  const objects = parseAllDocuments(yaml).map((document) => document.toJS() as KubernetesObject);
  return new Map(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object]));
}

describe("recording a program", function () {
  this.timeout(300_000);

  describe("what the SDK's protocol carries", () => {
    let yaml: string;
    let objects: Map<string, KubernetesObject>;
    const stack = { ...program("honours.ts"), ...secrets };

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

  it("what only the engine can do is left alone, and named by URN", async () => {
    const { notes, yaml } = await render(program("left-alone.ts"));
    const left = (urn: string, reason: RegExp) => {
      const note = notes.find((found) => found.urn?.endsWith(urn));
      assert.ok(note, `nothing is said of ${urn}`);
      assert.match(note.message, reason);
    };
    left("::somewhere:index:Remote::remote", /remote component/);
    left("::aws:s3/bucket:Bucket::other", /provider aws/);
    left("::pulumi:providers:aws::other-provider", /provider aws/);
    left(
      "::pulumi:pulumi:StackReference::organization/project/stack",
      /Add --stack-output organization\/project\/stack=FILE/,
    );
    left("::random:index/randomPet:RandomPet::pet", /RandomPassword/);
    left("::kubernetes:core/v1:ConfigMapPatch::patch", /objects of somebody else/);
    left("::kubernetes:helm.sh/v3:Release::release", /charts and YAML files/);
    left("::kubernetes:core/v1:ConfigMap::hooked", /option hooks/);
    left("::kubernetes:core/v1:ConfigMap::replaced", /option replaceOnChanges/);
    left("::pulumi-nodejs:dynamic:Resource::dynamic", /dynamic resource/);
    assert.deepEqual([...parsed(yaml).keys()].sort(), [
      "ConfigMap hooked",
      "ConfigMap of-others",
      "ConfigMap replaced",
    ]);
    assert.match(yaml, /^# Not here: [^\n]*: Remote remote\.$/m);
    assert.match(yaml, /bucket: "?<unknown until applied: data\.bucket>/);
  });

  it("what no engine can do is refused by URN", async () => {
    const error = await failure(render(program("refused.ts")));
    const [finding] = error.findings;
    assert.match(finding!.urn!, /::pulumi:providers:kubernetes::rendering$/);
    assert.match(finding!.message, /renderYamlToDirectory/);
  });

  it("what a function of a provider gives is not known, and so is what is computed from it", async () => {
    const { notes, outputs } = await render(program("invoke.ts"));
    assert.deepEqual(
      notes.map(({ message }) => /^the function (\S+) is a call to a provider's plugin/.exec(message)?.[1]),
      ["aws:index/getRegion:getRegion"],
    );
    assert.equal(hasUnknown(outputs.answer), true);
  });

  it("a program that does not load says why", async () => {
    const error = await failure(render(program("no-such-program.ts")));
    assert.match(error.message, /no-such-program/);
  });

  it("an interrupt ends the program", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    const error = await failure(render({ ...program("shuffled.ts"), signal: controller.signal }));
    assert.match(error.message, /Interrupted/);
  });

  it("another order of creation, keys and timing gives the same bytes, in the order of dependency", async () => {
    const runs = await Promise.all([1, 2].map(async () => (await render(program("shuffled.ts"))).yaml));
    assert.equal(runs[0], runs[1]);
    const order = [...parsed(runs[0]!).keys()].map((key) => key.split(" ")[1]);
    assert.deepEqual(order, ["shuffled", "a", "b", "c", "d", "e", "f", "aa"]);
  });
});

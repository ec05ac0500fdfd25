import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { FlinkConnection } from "../../../components/index";
import { urnOf } from "../../../recorder/registration";
import type { JsonObject } from "../../../recorder/json";
import { decode } from "../../../recorder/values";
import { readManifest } from "../../../local/package/manifest";
import { at, kindOf, titleOf } from "../../../preview/normal";
import { reportOf } from "../../../preview/report";
import { decisivePaths } from "../../../preview/rules";
import { compareRenders, type Registered, registrationsFormat } from "../../../preview/sources/renders";
import { ownStacks } from "../../policies/support/own-stacks";
import { examplePrograms, loadExample } from "../../support/examples";
import { projectDir } from "../../support/project";
import { type Recorded, record } from "../kubernetes/recorder";

const file = path.join(projectDir, "tests/fixtures/upgrade/recorded.json");
/** A version has its heading, and nothing behind it, once it is released. */
const isReleased = /^## \d\S*$/m.test(readFileSync(path.join(projectDir, "CHANGELOG.md"), "utf8"));
const howToAccept =
  "Whoever upgrades this package would see this. A renamed resource needs aliases. If it is meant, it belongs into CHANGELOG.md; FLINK_KUBERNETES_RECORD_STATE=1 records anew.";

/** What a stack's state has of a resource, as far as an upgrade can replace it. */
interface Kept {
  urn: string;
  /** Of the inputs, what decides over a replacement: texts as they are, all else by its hash. */
  inputs: JsonObject;
}

type State = Record<string, Kept[]>;

/** What platform.ts of multi-stack puts out, for the team's program after it. */
let connection: pulumi.Output<FlinkConnection>;

function runExample(name: string): void {
  const exported = loadExample(name, () => connection) as { connection?: typeof connection };
  if (exported.connection) connection = exported.connection;
}

/** Programs as people have them: the stacks of this repository, its examples, and each component with everything it can make. */
const programs: Record<string, () => unknown> = Object.fromEntries([
  ...Object.entries(ownStacks).filter(([name]) => /^Pulumi\.|everything/.test(name)),
  ...examplePrograms.map((name) => [`examples/${name}`, () => runExample(name)] as const),
]);

function keptOf({ type, name, parent, inputs }: Recorded): Kept {
  const { value } = decode(inputs as JsonObject);
  const kept: JsonObject = {};
  for (const decisive of [...decisivePaths(type), ...(kindOf(type) === "ConfigMap" ? ["immutable"] : [])]) {
    const found = at(value, ...decisive.split("."));
    if (found === undefined || found === null) continue;
    const keys = decisive.split(".");
    const last = keys.pop()!;
    let inside = kept;
    for (const key of keys) inside = (inside[key] ??= {}) as JsonObject;
    inside[last] = typeof found === "object" ? hashOf(found) : found;
  }
  return { urn: urnOf("stack", "project", parent, type, name), inputs: kept };
}

function hashOf(value: unknown): string {
  const sorted = (_key: string, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item;
  return createHash("sha256").update(JSON.stringify(value, sorted)).digest("hex").slice(0, 12);
}

/** URNs under which a state may have a resource: the engine takes it over from there. */
function formerUrns({ aliases, parent, type, name }: Recorded): string[] {
  return aliases.map(
    (alias) =>
      alias.urn || urnOf("stack", "project", alias.parent || parent, alias.type || type, alias.name || name),
  );
}

function registeredOf({ urn, inputs }: Kept): Registered {
  const [, , types = "", name = ""] = urn.split("::");
  const kept = { protect: false, retainOnDelete: false, ignoreChanges: [] };
  return { urn, type: types.split("$").at(-1)!, name, parent: "", dependencies: [], ...kept, inputs };
}

/** What an upgrade replaces or deletes, a line each, by the rules of the preview report. */
function lost(state: readonly Kept[], recorded: readonly Recorded[]): string[] {
  const former = new Map(recorded.flatMap((one) => formerUrns(one).map((urn) => [urn, keptOf(one).urn])));
  const before = state.map(({ urn, inputs }) => registeredOf({ urn: former.get(urn) ?? urn, inputs }));
  const after = recorded.map((one) => registeredOf(keptOf(one)));
  const of = (resources: Registered[]) => ({
    format: registrationsFormat as "flink-kubernetes/registrations/1",
    project: "project",
    stack: "stack",
    resources,
  });
  const { objects } = reportOf(compareRenders(of(before), of(after)), { stack: "stack" });
  return objects
    .filter(({ operation }) => operation === "replace" || operation === "delete")
    .filter(({ because, change }) => !isMadeAnew(change.before!, kindOf(change.type), because))
    .map(({ operation, change, because }) => {
      const what = titleOf(change, change.before);
      return operation === "delete"
        ? `${what} is deleted`
        : `${what} is replaced: another ${because.join(", ")}`;
    });
}

/**
 * What nobody notices: an immutable ConfigMap, named by its content, is made before the old one goes, and a Job of the same name, which is the same revision, ends at once.
 */
function isMadeAnew(before: JsonObject, kind: string | undefined, because: readonly string[]): boolean {
  if (kind === "ConfigMap") return before.immutable === true;
  if (kind !== "Job" || because.length === 0) return false;
  // Before the first release nobody has a job that would be submitted anew.
  return !isReleased || because.every((path) => path === "spec.template");
}

describe("an upgrade of this package", function () {
  this.timeout(120_000);
  const now = new Map<string, Recorded[]>();
  let state: State = {};

  before(async () => {
    for (const [name, program] of Object.entries(programs)) now.set(name, (await record(program)).recorded);
    if (process.env.FLINK_KUBERNETES_RECORD_STATE === "1") writeState(now);
    state = (JSON.parse(readFileSync(file, "utf8")) as { programs: State }).programs;
  });

  it("has the state of every program that there is", () => {
    assert.deepEqual(Object.keys(state).sort(), Object.keys(programs).sort(), howToAccept);
  });

  for (const name of Object.keys(programs)) {
    it(`replaces and deletes nothing of ${name}`, () => {
      const changes = lost(state[name] ?? [], now.get(name)!);
      assert.equal(changes.length, 0, `${howToAccept}\n${changes.join("\n")}`);
    });
  }

  it("names what is replaced and deleted, and takes a renamed resource over by its alias", () => {
    const [name] = Object.keys(programs);
    const recorded = now.get(name!)!;
    const renamed = (aliases: Recorded["aliases"]) =>
      recorded.map((one) =>
        one.name === "hello-jobmanager" && one.type.endsWith(":Deployment")
          ? { ...one, name: "hello-leader", aliases }
          : one,
      );
    assert.deepEqual(lost(state[name!]!, renamed([])), ["Deployment flink-dev/hello-jobmanager is deleted"]);
    assert.deepEqual(lost(state[name!]!, renamed([{ name: "hello-jobmanager" }])), []);
    const moved = structuredClone(state[name!]!);
    const service = moved.find(({ urn }) => urn.includes("Service::"))!;
    (service.inputs.metadata as JsonObject).name = "another";
    assert.deepEqual(lost(moved, recorded), ["Service flink-dev/another is replaced: another metadata.name"]);
  });
});

/** A line a resource, so that a change shows where it is. */
function writeState(found: ReadonlyMap<string, Recorded[]>): void {
  const list = [...found].map(([name, recorded]) => {
    const lines = recorded
      .map(keptOf)
      .filter(({ urn }) => !urn.includes("pulumi:pulumi:Stack"))
      .sort((a, b) => (a.urn < b.urn ? -1 : 1))
      .map((kept) => `      ${JSON.stringify(kept)}`);
    return `    ${JSON.stringify(name)}: [\n${lines.join(",\n")}\n    ]`;
  });
  const { version } = readManifest(projectDir, "components");
  writeFileSync(
    file,
    `{\n  "version": ${JSON.stringify(version)},\n  "programs": {\n${list.join(",\n")}\n  }\n}\n`,
  );
}

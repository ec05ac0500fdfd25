import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { AnalyzeResult } from "@pulumi/pulumi/provider/experimental/analyzer";
import { applicationShape } from "../../components/args/application";
import { clusterShape } from "../../components/args/cluster";
import { writeJson } from "../../local/package/manifest";
import { referencePages } from "../../local/package/reference";
import {
  analyzeComponents,
  apiLines,
  inferSchema,
  type Schema,
  withoutDescriptions,
} from "../../local/package/schema";
import { stackFilePage, stackFileSchema } from "../../local/package/stack-file";
import { projectDir } from "../support/project";

const folder = path.join(projectDir, "components");

const howToAccept =
  "The public API has changed. If that is meant: add it to CHANGELOG.md and run this test with FLINK_KUBERNETES_ACCEPT_API=1.";

/** What a program could name before and cannot now, and the other way round. */
function changesOf(before: Schema, after: Schema): string[] {
  const [old, now] = [apiLines(before), apiLines(after)];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
}

describe("schema of the package, as Pulumi's own analyzer infers it", function () {
  this.timeout(120_000);
  let schema: AnalyzeResult;

  before(() => {
    schema = analyzeComponents(folder);
  });

  it("has the three components", () => {
    assert.deepEqual(Object.keys(schema.components).sort(), ["FlinkApplication", "FlinkCluster", "FlinkJob"]);
  });

  it("has every argument of FlinkCluster, and requires only the version", () => {
    const { inputs } = schema.components.FlinkCluster;
    assert.deepEqual(Object.keys(inputs).sort(), Object.keys(clusterShape).sort());
    const required = Object.entries(inputs).filter(([, { optional }]) => !optional);
    assert.deepEqual(
      required.map(([name]) => name),
      ["flinkVersion"],
    );
  });

  it("has every argument of FlinkApplication, those of the cluster too, and requires only the version", () => {
    const { inputs } = schema.components.FlinkApplication;
    assert.deepEqual(Object.keys(inputs).sort(), Object.keys(applicationShape).sort());
    const required = Object.entries(inputs).filter(([, { optional }]) => !optional);
    assert.deepEqual(
      required.map(([name]) => name),
      ["flinkVersion"],
    );
  });

  it("takes Outputs as values of options, and plain values where the structure depends on them", () => {
    const { config, namespace } = schema.components.FlinkCluster.inputs;
    assert.deepEqual(config.additionalProperties, { type: "string" });
    assert.equal(namespace.plain, true);
    assert.deepEqual(
      (schema.typeDefinitions.TaskManagerArgs.properties?.slots as { type: string }).type,
      "number",
    );
  });

  it("has the outputs that people use, and nothing internal", () => {
    assert.deepEqual(Object.keys(schema.components.FlinkCluster.outputs).sort(), [
      "connection",
      "highAvailabilityId",
      "jobManagerMemory",
      "namespace",
      "restUrl",
      "taskManagerMemory",
    ]);
  });

  it("gives FlinkJob the same connection that FlinkCluster puts out", () => {
    const reference = { $ref: "#/types/flink-kubernetes:index:FlinkConnection" };
    assert.deepEqual(
      { $ref: (schema.components.FlinkJob.inputs.cluster as { $ref: string }).$ref },
      reference,
    );
    const output = schema.components.FlinkCluster.outputs.connection as { $ref: string };
    assert.deepEqual({ $ref: output.$ref }, reference);
  });

  it("has no enum in a connection: a program in YAML could not pass it on", () => {
    const reached = new Set<string>();
    const visit = (name: string) => {
      if (reached.has(name)) return;
      reached.add(name);
      const text = JSON.stringify(schema.typeDefinitions[name]);
      for (const match of text.matchAll(/flink-kubernetes:index:(\w+)/g)) visit(match[1]!);
    };
    visit("FlinkConnection");
    assert.ok(reached.has("StateStore") && reached.has("SecretKeyArgs"), [...reached].join());
    assert.deepEqual(
      [...reached].filter((name) => schema.typeDefinitions[name].enum),
      [],
    );
  });

  it("documents every argument", () => {
    const types = Object.values(schema.typeDefinitions).filter(({ enum: values }) => !values);
    const properties = [
      ...Object.values(schema.components).flatMap(({ inputs, outputs }) => [inputs, outputs]),
      ...types.map((type) => type.properties ?? {}),
    ].flatMap((group) => Object.entries(group));
    const silent = properties.filter(([, { description }]) => !description).map(([name]) => name);
    assert.deepEqual(silent, []);
  });

  it("is that of components/schema.json: a change of it is a change for every program", () => {
    const file = path.join(folder, "schema.json");
    const inferred = inferSchema(projectDir, schema);
    if (process.env.FLINK_KUBERNETES_ACCEPT_API === "1") writeJson(file, withoutDescriptions(inferred));
    const committed = JSON.parse(readFileSync(file, "utf8")) as Schema;
    const changes = changesOf(committed, inferred);
    assert.equal(changes.length, 0, `${howToAccept}\n${changes.join("\n")}`);
    assert.deepEqual(withoutDescriptions(inferred), committed, howToAccept);
  });

  it("names what has changed", () => {
    const before = inferSchema(projectDir, schema);
    const after = structuredClone(before);
    const inputs = after.resources["flink-kubernetes:index:FlinkCluster"].inputProperties!;
    inputs.picture = inputs.image;
    delete inputs.image;
    assert.deepEqual(changesOf(before, after), [
      "- FlinkCluster argument image?: string",
      "+ FlinkCluster argument picture?: string",
    ]);
  });

  it("is what docs/reference says (FLINK_KUBERNETES_UPDATE_DOCS=1 writes it anew)", () => {
    const reference = path.join(projectDir, "docs", "reference");
    const inferred = inferSchema(projectDir, schema);
    const exported = readFileSync(path.join(folder, "index.ts"), "utf8");
    const pages: Record<string, string> = {
      ...referencePages(inferred, (type) => new RegExp(`\\b${type}\\b`).test(exported)),
      "stack-file.md": stackFilePage(inferred),
      "stack-file.schema.json": `${JSON.stringify(stackFileSchema(inferred), undefined, 2)}\n`,
    };
    assert.deepEqual(Object.keys(pages).sort(), readdirSync(reference).sort());
    for (const [name, expected] of Object.entries(pages)) {
      const page = path.join(reference, name);
      if (process.env.FLINK_KUBERNETES_UPDATE_DOCS === "1") {
        mkdirSync(reference, { recursive: true });
        writeFileSync(page, expected);
      }
      assert.equal(readFileSync(page, "utf8"), expected, "FLINK_KUBERNETES_UPDATE_DOCS=1 writes it anew");
    }
  });

  it("refuses an argument that other languages could not give", () => {
    const root = mkdtempSync(path.join(tmpdir(), "schema-"));
    const copy = path.join(root, "components");
    try {
      cpSync(folder, copy, { recursive: true, filter: (file) => !/node_modules|\/bin$/.test(file) });
      cpSync(path.join(projectDir, "tsconfig.json"), path.join(root, "tsconfig.json"));
      symlinkSync(path.join(projectDir, "node_modules"), path.join(root, "node_modules"));
      const file = path.join(copy, "args/cluster.ts");
      const text = readFileSync(file, "utf8").replace("image?: string;", "image?: string | number;");
      writeFileSync(file, text);
      assert.throws(() => analyzeComponents(copy), /[Uu]nion/);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type AnalyzeResult, Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer";
import { applicationShape } from "../../components/args/application";
import { clusterShape } from "../../components/args/cluster";
import { projectDir } from "../support/project";

const folder = path.join(projectDir, "components");

/** What the SDK infers from the classes for programs in other languages; it throws on what it cannot express. */
function analyze(dir: string): AnalyzeResult {
  const manifest = JSON.parse(readFileSync(path.join(dir, "package.json"), "utf8")) as { name: string };
  return new Analyzer(
    dir,
    manifest.name,
    manifest,
    new Set(["FlinkApplication", "FlinkCluster", "FlinkJob"]),
  ).analyze();
}

describe("schema of the package, as Pulumi's own analyzer infers it", function () {
  this.timeout(120_000);
  let schema: AnalyzeResult;

  before(() => {
    schema = analyze(folder);
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

  it("documents every argument", () => {
    const types = Object.values(schema.typeDefinitions).filter(({ enum: values }) => !values);
    const properties = [
      ...Object.values(schema.components).flatMap(({ inputs, outputs }) => [inputs, outputs]),
      ...types.map((type) => type.properties ?? {}),
    ].flatMap((group) => Object.entries(group));
    const silent = properties.filter(([, { description }]) => !description).map(([name]) => name);
    assert.deepEqual(silent, []);
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
      assert.throws(() => analyze(copy), /[Uu]nion/);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

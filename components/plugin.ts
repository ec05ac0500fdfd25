import { readFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { FlinkApplication, FlinkCluster, FlinkJob } from "./index";

/**
 * Serves the components to programs in every Pulumi language, with the schema beside this file. The SDK's own
 * host would infer the schema from the sources at each run, which needs a TypeScript compiler.
 */
interface Schema {
  version: string;
  resources: Record<string, { properties: Record<string, unknown> }>;
}

type Component = new (
  name: string,
  // The engine's input follows the schema; the constructors check the rest.
  args: never,
  opts?: pulumi.ComponentResourceOptions,
) => pulumi.ComponentResource;

const components: Record<string, Component> = {
  "flink-kubernetes:index:FlinkApplication": FlinkApplication,
  "flink-kubernetes:index:FlinkCluster": FlinkCluster,
  "flink-kubernetes:index:FlinkJob": FlinkJob,
};

const text = readFileSync(path.join(__dirname, "schema.json"), "utf8");
const schema = JSON.parse(text) as Schema;

const provider: pulumi.provider.Provider = {
  version: schema.version,
  schema: text,
  construct: async (name, type, inputs, options) => {
    if (!Object.hasOwn(components, type)) {
      const known = Object.keys(components).join(", ");
      throw new Error(`There is no component ${type} in flink-kubernetes ${schema.version}, only ${known}.`);
    }
    const instance = new components[type](name, inputs as never, options);
    const outputs = instance as unknown as Record<string, unknown>;
    const names = Object.keys(schema.resources[type].properties);
    return { urn: instance.urn, state: Object.fromEntries(names.map((output) => [output, outputs[output]])) };
  },
};

void pulumi.provider.main(provider, process.argv.slice(2));

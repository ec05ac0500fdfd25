import path from "node:path";
import { type AnalyzeResult, Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer";
import { generateSchema } from "@pulumi/pulumi/provider/experimental/schema";
import { readManifest } from "./manifest";

export type Schema = ReturnType<typeof generateSchema>;

/**
 * The schema that Pulumi's SDK infers from the classes in `folder`. Throws for types that other languages
 * lack.
 */
export function analyzeComponents(folder: string): AnalyzeResult {
  const manifest = readManifest(folder, "");
  const components = new Set(["FlinkApplication", "FlinkCluster", "FlinkJob"]);
  return new Analyzer(folder, manifest.name, manifest as never, components).analyze();
}

/** The schema of the package for programs in other languages. */
export function inferSchema(
  projectDir: string,
  found: AnalyzeResult = analyzeComponents(path.join(projectDir, "components")),
): Schema {
  const { name, version, description } = readManifest(projectDir, "components");
  const schema = generateSchema(
    name,
    version,
    description ?? "",
    found.components,
    found.typeDefinitions,
    found.dependencies,
  );
  // In the form of the file.
  return JSON.parse(JSON.stringify(schema)) as Schema;
}

/** The schema without its documentation: the interface for programs. */
export function withoutDescriptions(schema: Schema): unknown {
  const isDescription = (key: string, value: unknown) => key === "description" && typeof value === "string";
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) => (isDescription(key, value) ? undefined : value)),
  );
}

interface Typed {
  type?: string;
  $ref?: string;
  items?: Typed;
  additionalProperties?: Typed;
  plain?: boolean;
}

/** A type in TypeScript's notation. */
export function typeText(property: Typed): string {
  if (property.$ref) return property.$ref === "pulumi.json#/Any" ? "any" : property.$ref.split(":").at(-1)!;
  if (property.items) return `${typeText(property.items)}[]`;
  if (property.additionalProperties) return `{ [key: string]: ${typeText(property.additionalProperties)} }`;
  return property.type ?? "any";
}

/** One line for each element of the interface: `FlinkCluster argument image?: string`. */
export function apiLines(schema: Schema): string[] {
  const lines: string[] = [];
  const list = (owner: string, properties: Record<string, Typed> = {}, required: string[] = []) => {
    for (const [name, property] of Object.entries(properties)) {
      const mark = required.includes(name) ? "" : "?";
      const plain = property.plain ? "" : ", may be an Output";
      lines.push(`${owner} ${name}${mark}: ${typeText(property)}${plain}`);
    }
  };
  for (const [token, resource] of Object.entries(schema.resources)) {
    const name = token.split(":").at(-1)!;
    list(`${name} argument`, resource.inputProperties, resource.requiredInputs);
    list(`${name} output`, resource.properties, resource.required);
  }
  for (const [token, type] of Object.entries(schema.types)) {
    const name = token.split(":").at(-1)!;
    for (const { name: member, value } of type.enum ?? []) lines.push(`${name}.${member} = ${value}`);
    list(name, type.properties, type.required);
  }
  return lines;
}

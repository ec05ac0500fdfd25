import { applicationShape } from "../../components/args/application";
import { jobShape } from "../../components/args/check-job";
import { clusterShape } from "../../components/args/cluster";
import type { Field, Shape } from "../../components/args/shape";
import { configKeys } from "../../config";
import { presets, severities } from "../../policies/core/choice";
import { frameworks } from "../../policies/core/frameworks";
import { commonOptions, EXEMPTIONS, policyOptions, SETTINGS } from "../../policies/core/options";
import type { Option, Options, Rule } from "../../policies/core/rule";
import { rules as flinkRules } from "../../policies/flink/rules";
import { rules as kubernetesRules } from "../../policies/kubernetes/rules";
import { levels, ownPacks } from "../../policy-packs";
import { oneLine } from "./reference";
import { type Schema, typeText } from "./schema";

/** The subset of JSON Schema for stack files. */
export interface JsonSchema {
  $schema?: string;
  $ref?: string;
  title?: string;
  description?: string;
  type?: string | string[];
  enum?: readonly unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  required?: readonly string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  if?: JsonSchema;
  then?: JsonSchema;
  definitions?: Record<string, JsonSchema>;
}

interface Property {
  type?: string;
  $ref?: string;
  items?: Property;
  additionalProperties?: Property;
  description?: string;
}

type Definitions = Record<string, JsonSchema>;

/** The project of the stack files. Its name is the namespace of the keys. */
const project = "flink-kubernetes";

/** Accepts numbers and booleans of YAML as text. */
const text: JsonSchema = { type: ["string", "number", "boolean"] };
/** For names and versions, only numbers that cannot have lost digits. */
const exactText: JsonSchema = { type: ["string", "integer", "boolean"] };

/**
 * The JSON Schema of Pulumi.<stack>.yaml, for editors: the arguments' shapes, with the package's
 * documentation.
 */
export function stackFileSchema(schema: Schema): JsonSchema {
  const definitions: Definitions = Object.fromEntries(
    Object.entries(commonOptions).map(([name, option]) => [name, optionOf(option)]),
  );
  const component = (name: string, shape: Shape, required: string[]): JsonSchema => {
    const { inputProperties } = schema.resources[`${project}:index:${name}`]!;
    const args = objectOf(shape, inputProperties as Record<string, Property>, required, schema, definitions);
    const named = { type: "string", description: names[name]! };
    return { ...args, properties: { name: named, ...args.properties }, required: ["name", ...required] };
  };
  // The jobs of a stack run on its cluster.
  const ofJob = Object.fromEntries(Object.entries(jobShape).filter(([name]) => name !== "cluster"));
  const config: Record<keyof typeof configKeys, JsonSchema> = {
    cluster: component("FlinkCluster", clusterShape, ["flinkVersion"]),
    jobs: { type: "array", items: component("FlinkJob", ofJob, []) },
    application: component("FlinkApplication", applicationShape, ["flinkVersion"]),
    secretConfig: { type: "object", additionalProperties: { anyOf: [{ type: "string" }, secure] } },
    policyPacks: { type: "array", items: policyPack() },
  };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: `A stack of ${project}`,
    type: "object",
    properties: {
      config: {
        type: "object",
        description:
          "What the program is to read. Keys of providers, such as kubernetes:context, may stand here too.",
        properties: Object.fromEntries(
          Object.entries(config).map(([key, value]) => [
            `${project}:${key}`,
            { description: capital(configKeys[key as keyof typeof configKeys]), ...value },
          ]),
        ),
      },
      environment: { description: "Environments of Pulumi ESC.", type: ["array", "object"] },
      secretsprovider: { description: "Who encrypts what is secret.", type: "string" },
      encryptedkey: { type: "string" },
      encryptionsalt: { type: "string" },
    },
    additionalProperties: false,
    definitions,
  };
}

const names: Record<string, string> = {
  FlinkCluster: "Name of the cluster: the names of all its Kubernetes objects begin with it.",
  FlinkJob: "Name of the job: its state belongs to it. Another name is another job.",
  FlinkApplication:
    "Name of the application: the names of all its Kubernetes objects begin with it, and its state belongs to it.",
};

const secure: JsonSchema = {
  type: "object",
  properties: {
    secure: { type: "string", description: "As `pulumi config set --secret` has encrypted it." },
  },
  required: ["secure"],
  additionalProperties: false,
};

function objectOf(
  shape: Shape,
  properties: Record<string, Property>,
  required: readonly string[],
  schema: Schema,
  definitions: Definitions,
): JsonSchema {
  return {
    type: "object",
    properties: Object.fromEntries(
      Object.entries(shape).map(([name, field]) => {
        const property = properties[name] ?? {};
        const { description } = property;
        const found = fieldOf(field, property, schema, definitions);
        // JSON Schema ignores other keywords next to a reference.
        const whole = description !== undefined && found.$ref !== undefined ? { allOf: [found] } : found;
        return [name, description === undefined ? whole : { description: oneLine(description), ...whole }];
      }),
    ),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function fieldOf(field: Field, property: Property, schema: Schema, definitions: Definitions): JsonSchema {
  if (typeof field === "object") {
    if ("hidden" in field) return fieldOf(field.hidden, property, schema, definitions);
    if ("object" in field) return reference(field.object, property, schema, definitions);
    if ("list" in field)
      return { type: "array", items: reference(field.list, property.items ?? {}, schema, definitions) };
    const each = reference(field.map, property.additionalProperties ?? {}, schema, definitions);
    return { type: "object", additionalProperties: each };
  }
  switch (field) {
    case "text":
      return enumOf(property, schema) ?? text;
    case "number":
      return { type: "number" };
    case "boolean":
      return { type: "boolean" };
    case "textList":
      return { type: "array", items: enumOf(property.items ?? {}, schema) ?? exactText };
    case "numberList":
      return { type: "array", items: { type: "number" } };
    case "textMap":
      return { type: "object", additionalProperties: exactText };
    case "amountMap":
    case "inputMap":
      return { type: "object", additionalProperties: text };
    case "any":
    case "kubernetes":
      return typed(property, schema);
  }
}

/** An object type of the package, defined once for all its uses. */
function reference(shape: Shape, { $ref }: Property, schema: Schema, definitions: Definitions): JsonSchema {
  const token = $ref?.replace("#/types/", "") ?? "";
  const type = schema.types[token];
  if (!type) throw new Error(`there is no type for an argument with ${Object.keys(shape).join(", ")}`);
  const name = token.split(":").at(-1)!;
  if (!(name in definitions)) {
    // Before its own parts, which may contain it again.
    definitions[name] = {};
    definitions[name] = objectOf(
      shape,
      (type.properties ?? {}) as Record<string, Property>,
      type.required ?? [],
      schema,
      definitions,
    );
  }
  return { $ref: `#/definitions/${name}` };
}

function enumOf({ $ref }: Property, schema: Schema): JsonSchema | undefined {
  const type = schema.types[$ref?.replace("#/types/", "") ?? ""];
  return type?.enum && { enum: type.enum.map(({ value }) => value) };
}

/**
 * Values with their own checks: only the kind of value. The API server checks the fields of Kubernetes'
 * types.
 */
function typed(property: Property, schema: Schema): JsonSchema {
  if (property.items) return { type: "array", items: property.items.type === "string" ? exactText : {} };
  if (property.additionalProperties) return { type: "object" };
  if (property.$ref) return enumOf(property, schema) ?? {};
  switch (property.type) {
    case "string":
      return text;
    case "number":
    case "integer":
      return { type: "number" };
    case "boolean":
      return { type: "boolean" };
    default:
      return {};
  }
}

function policyPack(): JsonSchema {
  const rules: Record<string, readonly Rule[]> = { flink: flinkRules, kubernetes: kubernetesRules };
  return {
    type: "object",
    properties: {
      pack: {
        type: "string",
        description: `\`${ownPacks.join("` or `")}\`, which come with this project, or the folder of a pack, relative to the project.`,
      },
      preset: {
        type: "string",
        enum: Object.keys(presets),
        description: `What the levels begin with. ${Object.entries(presets)
          .map(([name, { about }]) => `\`${name}\`: ${about}`)
          .join("; ")}. Default: \`default\`.`,
      },
      severity: {
        type: "string",
        enum: [...severities],
        description: "Only rules of this severity or a higher one. Default: all.",
      },
      frameworks: {
        type: "array",
        items: { type: "string", enum: Object.keys(frameworks) },
        description:
          "Only rules that answer to a control of one of these frameworks; those that are off by default advise then. Default: all rules.",
      },
      tags: {
        type: "array",
        items: { type: "string" },
        description:
          "Only rules with one of these tags, such as `rights` or `cis-5.2.2`; the page of each rule names its own. Default: all rules.",
      },
      config: {
        type: "object",
        description: `By policy a level (${levels.join(", ")}), or an object with the policy's options and \`enforcementLevel\`. What it says of a level counts more than what is chosen above. Default: as the pack has it.`,
      },
    },
    required: ["pack"],
    additionalProperties: false,
    allOf: ownPacks.map((pack) => ({
      if: { properties: { pack: { const: pack } } },
      then: { properties: { config: { properties: policies(rules[pack]!), additionalProperties: false } } },
    })),
  };
}

function policies(rules: readonly Rule[]): Record<string, JsonSchema> {
  const about: Record<string, string> = {
    ...Object.fromEntries(rules.map(({ name, description }) => [name, description])),
    [SETTINGS]: "Options for all policies of the pack that have them.",
    [EXEMPTIONS]: "What is said of exemptions that exempt nothing.",
    all: "The level of all policies.",
  };
  const named = [...policyOptions(rules)].map(([name, options]) => [name, policy(options, about[name]!)]);
  return Object.fromEntries(named) as Record<string, JsonSchema>;
}

function optionOf({ about, schema }: Option<unknown>): JsonSchema {
  return { description: oneLine(about), ...schema };
}

function policy(options: Options, description: string): JsonSchema {
  const level: JsonSchema = { enum: levels };
  const properties = Object.entries(options).map(([name, option]) => [
    name,
    Object.hasOwn(commonOptions, name) ? { $ref: `#/definitions/${name}` } : optionOf(option),
  ]);
  const settings: JsonSchema = {
    type: "object",
    properties: {
      enforcementLevel: level,
      ...(Object.fromEntries(properties) as Record<string, JsonSchema>),
    },
    additionalProperties: false,
  };
  return { description: oneLine(description), anyOf: [level, settings] };
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The reference page about stack files. */
export function stackFilePage(schema: Schema): string {
  const file = stackFileSchema(schema);
  const keys = file.properties!.config!.properties!;
  const argumentsOf = (component: string, page: string) => {
    const { inputProperties = {}, requiredInputs = [] } = schema.resources[`${project}:index:${component}`]!;
    return Object.entries(inputProperties)
      .filter(([name]) => component !== "FlinkJob" || name !== "cluster")
      .map(([name, property]) => {
        const required = requiredInputs.includes(name) ? ", required" : "";
        return `[\`${name}\`](${page}) (${typeText(property)}${required})`;
      })
      .join(", ");
  };
  const component = (key: keyof typeof configKeys, name: string, page: string) =>
    `${keys[`${project}:${key}`]!.description}\n\n- **\`name\`** (string, required): ${names[name]!}\n- The arguments of [${name}](${page}): ${argumentsOf(name, page)}.`;
  const { properties } = keys[`${project}:policyPacks`]!.items!;
  const packs = Object.entries(properties!).map(
    ([name, { type, description }]) =>
      `- **\`${name}\`** (${String(type)}${name === "pack" ? ", required" : ""}): ${description}`,
  );
  return `# Stack files

What \`Pulumi.<stack>.yaml\` may say for the program of this repository. The arguments are those of the components, with the same names; their types are on their own pages. Numbers and switches of YAML are taken where
a text belongs, except where a digit may have been lost (\`1.10\` in a label: write it in quotes). A key with nothing behind it is refused, as is one that nobody reads.

Editors with a YAML language server complete and check the file by [a JSON Schema](stack-file.schema.json), which the first line names:

\`\`\`yaml
# yaml-language-server: $schema=docs/reference/stack-file.schema.json
config:
  ${project}:cluster:
    name: orders
    flinkVersion: 2.2.1
  ${project}:jobs:
    - name: totals
      jar: /opt/flink/usrlib/totals.jar
\`\`\`

The schema knows names and kinds of values; \`npm run check\` knows the rest: what fits together, and what Flink and Kubernetes would refuse.

## \`${project}:cluster\`

${component("cluster", "FlinkCluster", "flink-cluster.md")}

## \`${project}:jobs\`

${component("jobs", "FlinkJob", "flink-job.md")}

## \`${project}:application\`

${component("application", "FlinkApplication", "flink-application.md")}

## \`${project}:secretConfig\`

${keys[`${project}:secretConfig`]!.description} They join \`config\` of the cluster or of the application, in a Secret. \`pulumi config set --secret --path '${project}:secretConfig["s3.secret-key"]' VALUE\` encrypts one:

\`\`\`yaml
config:
  ${project}:secretConfig:
    s3.secret-key:
      secure: AAABAL…
\`\`\`

## \`${project}:policyPacks\`

${keys[`${project}:policyPacks`]!.description} [Policies](../policies.md) says more.

${packs.join("\n")}

\`\`\`yaml
config:
  ${project}:policyPacks:
    - pack: kubernetes
      config:
        image-digest: mandatory
        image-tag:
          enforcementLevel: advisory
\`\`\`

This page and the schema are made from the code: \`FLINK_KUBERNETES_UPDATE_DOCS=1 npm test -- tests/unit/schema.test.ts\`.
`;
}

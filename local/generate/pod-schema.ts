import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Writes components/kubernetes/pod-types.json: every type in a pod template, and in an autoscaler's metrics
 * and behaviour. Run it once for each new Kubernetes minor version:
 *
 *     go mod download -json k8s.io/kubernetes@v1.36.3      (prints the folder, "Dir")
 *     npx ts-node local/generate/pod-schema.ts FOLDER
 *
 * Types and merge keys come from api/openapi-spec/swagger.json. This file has no enums, so they come from the
 * Go code from which the API server generates its own OpenAPI document.
 */
const roots = [
  "io.k8s.api.core.v1.PodTemplateSpec",
  "io.k8s.api.autoscaling.v2.MetricSpec",
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior",
];

/** Types with a single value. */
const scalars: Record<string, string> = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "int-or-string",
  "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "string",
  "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "any",
};

/** Enums that the API server checks (pkg/apis/…/validation), but that are not in its OpenAPI document. */
const moreEnums: Record<string, string[]> = {
  "MetricSpec.type": ["ContainerResource", "External", "Object", "Pods", "Resource"],
  "MetricTarget.type": ["AverageValue", "Utilization", "Value"],
  "HPAScalingPolicy.type": ["Percent", "Pods"],
  "HPAScalingRules.selectPolicy": ["Disabled", "Max", "Min"],
  "LabelSelectorRequirement.operator": ["DoesNotExist", "Exists", "In", "NotIn"],
  "PodOS.name": ["linux", "windows"],
};

interface Definition {
  $ref?: string;
  type?: string;
  required?: string[];
  properties?: Record<string, Definition>;
  items?: Definition;
  additionalProperties?: Definition;
  enum?: string[];
  "x-kubernetes-patch-strategy"?: string;
  "x-kubernetes-patch-merge-key"?: string;
  "x-kubernetes-list-type"?: string;
  "x-kubernetes-list-map-keys"?: string[];
}

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("Give the folder of the Go module k8s.io/kubernetes.");
const { definitions } = JSON.parse(
  readFileSync(path.join(folder, "api/openapi-spec/swagger.json"), "utf8"),
) as {
  definitions: Record<string, Definition>;
};
const enums = readEnums(
  readFileSync(path.join(folder, "pkg/generated/openapi/zz_generated.openapi.go"), "utf8"),
);
const source = `k8s.io/kubernetes ${/@(v[\d.]+)/.exec(path.basename(folder))?.[1] ?? ""}`.trim();

const types = new Map<string, string>();
const found = new Map<string, string>();
for (const root of roots) visit(root);
const lines = [...types].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, line]) => `    "${name}": ${line}`);
writeFileSync(
  path.join(__dirname, "../../components/kubernetes/pod-types.json"),
  `{\n  "source": ${JSON.stringify(source)},\n  "types": {\n${lines.join(",\n")}\n  }\n}\n`,
);

function visit(id: string): string {
  const scalar = scalars[id];
  if (scalar !== undefined) return scalar;
  const name = id.slice(id.lastIndexOf(".") + 1);
  const other = found.get(name);
  if (other === id) return name;
  if (other !== undefined) throw new Error(`two types are called ${name}: ${other} and ${id}`);
  found.set(name, id);
  const { properties = {}, required = [] } = definitions[id]!;
  const fields: Record<string, string> = {};
  for (const field of Object.keys(properties).sort()) {
    fields[field] = describe(properties[field]!, `${name}.${field}`);
  }
  types.set(name, JSON.stringify({ ...(required.length > 0 ? { required } : {}), fields }));
  return name;
}

/** The one-word grammar of pod-schema.ts. */
function describe(definition: Definition, field: string): string {
  if (definition.$ref) return visit(definition.$ref.slice(definition.$ref.lastIndexOf("/") + 1));
  if (definition.type === "array")
    return `[${describe(definition.items!, field)}]${describeList(definition)}`;
  if (definition.type === "object") {
    return definition.additionalProperties ? `{${describe(definition.additionalProperties, field)}}` : "any";
  }
  const values = definition.enum ?? enums.get(field) ?? moreEnums[field];
  return values ? `enum ${values.join("|")}` : definition.type!;
}

function describeList(definition: Definition): string {
  const strategies = (definition["x-kubernetes-patch-strategy"] ?? "").split(",");
  const mergeKey = definition["x-kubernetes-patch-merge-key"];
  const keys = definition["x-kubernetes-list-map-keys"];
  return [
    strategies.includes("merge") ? ` merge${mergeKey ? `=${mergeKey}` : ""}` : "",
    keys ? ` keys=${keys.join(",")}` : "",
    definition["x-kubernetes-list-type"] === "set" ? " set" : "",
  ].join("");
}

/** `Type.field` -> values, from generated code with a function for each type and a block for each field. */
function readEnums(code: string): Map<string, string[]> {
  const result = new Map<string, string[]>();
  let type: string | undefined;
  let field: string | undefined;
  for (const line of code.split("\n")) {
    if (line.startsWith("func ")) {
      type = /^func schema_(?:k8sio_api_core_v1|k8sio_api_autoscaling_v2|pkg_apis_meta_v1)_(\w+)\(/.exec(
        line,
      )?.[1];
      field = undefined;
    }
    field = /^\t+"(\w+)": \{$/.exec(line)?.[1] ?? field;
    const values = /Enum:\s*\[\]interface\{\}\{(.*)\}/.exec(line)?.[1];
    if (type && field && values) result.set(`${type}.${field}`, JSON.parse(`[${values}]`) as string[]);
  }
  return result;
}

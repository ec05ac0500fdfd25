import { type Schema, typeText } from "./schema";

type Properties = Parameters<typeof typeText>[0] & { description?: string };

/**
 * Pages of the reference, by file name: one for each component, and one for the types of their arguments. It
 * only names Kubernetes' types, which have their own reference.
 *
 * @param own whether a type belongs to this package
 */
export function referencePages(schema: Schema, own: (type: string) => boolean): Record<string, string> {
  const pages: Record<string, string> = {};
  const all = Object.keys(schema.types).map(shortName).sort();
  const foreign = all.filter((name) => !own(name));
  const anchors = new Map(all.map((name) => [name, own(name) ? name.toLowerCase() : kubernetesAnchor]));
  for (const [token, resource] of Object.entries(schema.resources)) {
    const name = shortName(token);
    pages[fileOf(name)] =
      [
        `# ${name}`,
        resource.description ? oneLine(resource.description) : "",
        "## Arguments",
        listOf(resource.inputProperties ?? {}, resource.requiredInputs ?? [], anchors, "types.md"),
        "## Outputs",
        listOf(resource.properties ?? {}, Object.keys(resource.properties ?? {}), anchors, "types.md", true),
        generated,
      ].join("\n\n") + "\n";
  }
  const types = Object.entries(schema.types)
    .filter(([token]) => own(shortName(token)))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  pages["types.md"] =
    [
      "# Types of arguments and outputs",
      types.map(([token]) => `[${shortName(token)}](#${shortName(token).toLowerCase()})`).join(" · "),
      ...types.flatMap(([token, type]) => {
        const values = (type.enum ?? []).map(
          ({ name, value, description }) =>
            `- **\`"${value}"\`** (\`${shortName(token)}.${name}\`)${description ? `: ${oneLine(description)}` : ""}`,
        );
        const description = type.description ? [oneLine(type.description)] : [];
        const properties = listOf(type.properties ?? {}, type.required ?? [], anchors, "");
        const list = [...values, ...(properties === "" ? [] : [properties])].join("\n");
        return [`## ${shortName(token)}`, ...description, list];
      }),
      "## Types of Kubernetes",
      `These are as Kubernetes has them, with the same names; [its API reference](https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/) has their fields: ${foreign.map((name) => `\`${name}\``).join(", ")}.`,
      generated,
    ].join("\n\n") + "\n";
  return pages;
}

const kubernetesAnchor = "types-of-kubernetes";

const generated =
  "This page is made from the comments in the code: `FLINK_KUBERNETES_UPDATE_DOCS=1 npm test -- tests/unit/schema.test.ts`.";

/** FlinkCluster: flink-cluster.md */
function fileOf(component: string): string {
  return `${component.replace(/\B[A-Z]/g, "-$&").toLowerCase()}.md`;
}

function shortName(token: string): string {
  return token.split(":").at(-1)!;
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function listOf(
  properties: Record<string, Properties>,
  required: string[],
  anchors: ReadonlyMap<string, string>,
  page: string,
  isOutput = false,
): string {
  const items = Object.entries(properties).map(([name, property]) => {
    const type = typeText(property);
    const named = [...anchors].find(([one]) => new RegExp(`\\b${one}\\b`).test(type));
    const shown = named ? `[\`${type}\`](${page}#${named[1]})` : `\`${type}\``;
    const notes = [
      shown,
      ...(required.includes(name) && !isOutput ? ["required"] : []),
      ...(property.plain || isOutput ? [] : ["may be an Output"]),
    ];
    return `- **\`${name}\`** (${notes.join(", ")}): ${oneLine(property.description ?? "")}`;
  });
  return items.join("\n");
}

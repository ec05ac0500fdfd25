import { globMatches, kubernetesDocs, type Options, option, type Resource, resourceRule } from "../../core";

const patterns = { type: "object", additionalProperties: { type: "string" } } as const;

const options = {
  labels: option<Record<string, string>>(
    {},
    'Labels that objects must have, by key, with a pattern for the value: `team: "*"`, `cost-center: cc-*`.',
    patterns,
  ),
  annotations: option<Record<string, string>>({}, "The same for annotations.", patterns),
  kinds: option<string[]>(
    [],
    "Kinds that need them, such as `Service` or `apps/Deployment`. Empty: namespaces, and everything that runs pods.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

export const requiredMetadata = resourceRule<typeof options>({
  name: "required-metadata",
  description: "Objects have the required labels and annotations.",
  remediation: "Write the label or the annotation.",
  reference: kubernetesDocs("Recommended Labels", "concepts/overview/working-with-objects/common-labels/"),
  why: "They show who owns an object, who pays for it and whom to call at night. The rule requires nothing until it is configured.",
  level: "mandatory",
  severity: "low",
  options,
  applies: (resource) => resource.kind !== undefined,
  check(resource, run) {
    const { kinds, labels, annotations } = run.config;
    if (!isAsked(resource, kinds)) return;
    for (const [field, wanted] of Object.entries({ labels, annotations })) {
      for (const [key, pattern] of Object.entries(wanted)) {
        const at = resource.metadata.get(field, key);
        const text = at.text();
        const isBad = text === undefined ? at.isMissing : !globMatches(pattern, text);
        if (isBad) run.violation(at, { expected: pattern === "*" ? "any text" : pattern, fix: "Write it." });
      }
    }
  },
});

function isAsked(resource: Resource, kinds: readonly string[]): boolean {
  return kinds.length > 0 ? resource.is(...kinds) : resource.is("/Namespace") || resource.pods.length > 0;
}

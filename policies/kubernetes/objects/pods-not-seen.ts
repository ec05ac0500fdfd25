import { isUnknown, type Key, type Resource, resourceRule, kubernetesDocs } from "../../core";
import { isOfOthers } from "../references/seen";

export const podsNotSeen = resourceRule({
  name: "pods-not-seen",
  description: "The rules can see all objects that run pods.",
  remediation:
    "Render the chart so that the rules can see its objects, or name the kind in podTemplates of settings.",
  reference: kubernetesDocs("Custom Resources", "concepts/extend-kubernetes/api-extension/custom-resources/"),
  why: "Pulumi sees the values of a Helm release, and not the objects that Helm creates from them, so no rule checks these. No rule checks the pods of a custom resource of an unknown kind either. So the absence of findings means nothing there. Pulumi renders the objects of a Chart (kubernetes.helm.sh/v4), so the rules can see them. `podTemplates` of `settings` makes a kind known.",
  level: "advisory",
  severity: "medium",
  applies: (resource) => isRelease(resource) || isOfOthers(resource),
  check(resource, run) {
    if (isRelease(resource)) {
      run.violation(resource.props.get("chart"), {
        actual: "in a Helm release, whose objects were not checked",
        expected: "a Chart of kubernetes.helm.sh/v4, whose objects the rules can see",
        fix: "Use a Chart, or check the rendered chart and exempt this release.",
      });
      return;
    }
    if (resource.pods.length > 0) return;
    const hidden: (readonly Key[])[] = [];
    const keys = containersIn(resource.props.marked(), hidden);
    for (const place of hidden) void resource.props.get(...place).isUnknown;
    if (keys === undefined) return;
    run.violation(resource.props.get(...keys), {
      actual: `in a ${resource.kind}, whose pods were not checked`,
      expected: `a known pod template`,
      fix: `Name its path in settings: podTemplates: { "${resource.group}/${resource.kind}": ${templateOf(keys)} }.`,
    });
  },
});

function isRelease(resource: Resource): boolean {
  return resource.is("helm.sh/Release");
}

const deepest = 9;

/** Names of fields that may contain pods, also while their value is unknown. */
const holders = /spec$|template|pod|container|^steps$|group|job|task|worker|role|replica/i;

/**
 * The first place that contains containers with images. Adds unknown places that may contain some to
 * `hidden`.
 */
function containersIn(
  value: unknown,
  hidden: (readonly Key[])[],
  keys: readonly Key[] = [],
): readonly Key[] | undefined {
  if (isUnknown(value) && (typeof keys.at(-1) === "number" || holders.test(String(keys.at(-1)))))
    hidden.push(keys);
  if (typeof value !== "object" || value === null || keys.length > deepest) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const own = [...keys, Array.isArray(value) ? Number(name) : name];
    const isList = /^(initContainers|containers|steps)$/.test(name) && Array.isArray(inner);
    const candidates: unknown[] = isList ? inner : name === "container" ? [inner] : [];
    if (candidates.some(hasImage)) return own;
    const found = containersIn(inner, hidden, own);
    if (found) return found;
  }
  return undefined;
}

function hasImage(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && typeof (value as { image?: unknown }).image === "string"
  );
}

/** The path of the template around the spec with the containers. */
function templateOf(keys: readonly Key[]): string {
  const [end] = keys.slice(-2);
  const outer = keys
    .slice(0, end === "spec" ? -2 : -1)
    .map((key) => (typeof key === "number" ? "[*]" : `.${key}`));
  return outer.join("").replace(/^\./, "");
}

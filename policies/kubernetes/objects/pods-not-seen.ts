import { isUnknown, type Key, type Resource, resourceRule, kubernetesDocs } from "../../core";
import { isOfOthers } from "../references/seen";

export const podsNotSeen = resourceRule({
  name: "pods-not-seen",
  description: "What runs pods is looked at.",
  remediation: "Render the chart so that its objects are seen, or name the kind at podTemplates of settings.",
  reference: kubernetesDocs("Custom Resources", "concepts/extend-kubernetes/api-extension/custom-resources/"),
  why: "Of a Helm release Pulumi sees its values, and not the objects that Helm makes of them: no rule looks at those. Neither does any rule look at the pods of a custom resource whose kind is not known. Nothing is found there, and that says nothing. A Chart (kubernetes.helm.sh/v4) has its objects rendered, so that they are seen; a kind is made known by `podTemplates` at `settings`.",
  level: "advisory",
  severity: "medium",
  applies: (resource) => isRelease(resource) || isOfOthers(resource),
  check(resource, run) {
    if (isRelease(resource)) {
      run.violation(resource.props.get("chart"), {
        actual: "in a Helm release, of whose objects nothing was looked at",
        expected: "a Chart of kubernetes.helm.sh/v4, whose objects are seen",
        fix: "Use that, or have the rendered chart checked and exempt this release.",
      });
      return;
    }
    if (resource.pods.length > 0) return;
    const hidden: (readonly Key[])[] = [];
    const keys = containersIn(resource.props.marked(), hidden);
    for (const place of hidden) void resource.props.get(...place).isUnknown;
    if (keys === undefined) return;
    run.violation(resource.props.get(...keys), {
      actual: `in a ${resource.kind}, at whose pods nothing was looked at`,
      expected: `a pod template that is known`,
      fix: `Name its path at settings: podTemplates: { "${resource.group}/${resource.kind}": ${templateOf(keys)} }.`,
    });
  },
});

function isRelease(resource: Resource): boolean {
  return resource.is("helm.sh/Release");
}

const deepest = 9;

/** What is called so may hold pods, also while it is not known. */
const holders = /spec$|template|pod|container|^steps$|group|job|task|worker|role|replica/i;

/** The first place that holds containers with images. Places that may hold some, and are not known, are added to `hidden`. */
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

/** What holds the spec that holds the containers. */
function templateOf(keys: readonly Key[]): string {
  const [end] = keys.slice(-2);
  const outer = keys
    .slice(0, end === "spec" ? -2 : -1)
    .map((key) => (typeof key === "number" ? "[*]" : `.${key}`));
  return outer.join("").replace(/^\./, "");
}

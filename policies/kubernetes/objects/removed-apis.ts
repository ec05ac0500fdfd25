import { type Options, option, type Resource, resourceRule } from "../../core";
import lifecycles from "./api-lifecycle.json";

const options = {
  kubernetes: option<string>(
    "latest",
    `The Kubernetes version that the objects are for, as \`v1.34\`: what that version has no longer, or not yet, is refused. \`latest\` is v1.${lifecycles.newest}.`,
    { type: "string", pattern: "^(latest|v1\\.[0-9]+)$" },
  ),
} satisfies Options;

interface Lifecycle {
  introduced?: number;
  removed?: number;
  instead?: string;
}

const kinds: Readonly<Record<string, Lifecycle>> = lifecycles.kinds;

/** The oldest version whose modules the table is made of: what they say of the time before is not exact. */
const OLDEST = 20;

export const removedApis = resourceRule<typeof options>({
  name: "removed-apis",
  description: "Objects use API versions that their Kubernetes has.",
  remediation: "Write the API version that took its place.",
  controls: { "nsa-cisa": ["upgrades"] },
  why: "An upgrade of the cluster takes old API versions away, and then nothing of the stack can be updated or deleted. It is known kind by kind: of one API version some kinds go earlier than others, and new ones come.",
  level: "mandatory",
  severity: "medium",
  options,
  reference: {
    title: "Kubernetes: Deprecated API Migration Guide",
    url: "https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
  },
  applies: (resource) => resource.kind !== undefined,
  check(resource, run) {
    const version = versionOf(resource);
    const { introduced = 0, removed = Infinity, instead } = lifecycleOf(version, resource.kind!) ?? {};
    const minor = Number(/^v1\.(\d+)$/.exec(run.config.kubernetes)?.[1] ?? lifecycles.newest);
    const at = resource.props.get("apiVersion");
    if (minor >= removed) {
      run.violation(at, {
        expected: instead ?? "another kind: there is no newer version of this one",
        actual: `${version} of ${resource.kind}, which Kubernetes 1.${removed} ${removed > lifecycles.newest ? "is to remove" : "removed"}`,
        fix: instead === undefined ? "Do without it." : "Use the resource class of the newer version.",
      });
    } else if (minor < introduced && introduced > OLDEST) {
      run.violation(at, {
        expected: `a version that Kubernetes 1.${minor} has`,
        actual: `${version} of ${resource.kind}, which came with Kubernetes 1.${introduced}`,
        fix: "Use an older version, or upgrade the cluster first.",
      });
    }
  },
});

function versionOf({ group = "", version = "" }: Resource): string {
  return group === "" ? version : `${group}/${version}`;
}

/** A list has the life of what is in it. */
function lifecycleOf(version: string, kind: string): Lifecycle | undefined {
  const names = [kind, kind.replace(/List$/, "")].map((name) => `${version} ${name}`);
  const found = names.find((name) => Object.hasOwn(kinds, name));
  return found === undefined ? undefined : kinds[found];
}

import { type Options, option, type Resource, resourceRule } from "../../core";
import lifecycles from "./api-lifecycle.json";

const options = {
  kubernetes: option<string>(
    "latest",
    `The Kubernetes version of the objects, such as \`v1.34\`. The rule refuses API versions that it no longer has, or does not have yet. \`latest\` is v1.${lifecycles.newest}.`,
    { type: "string", pattern: "^(latest|v1\\.[0-9]+)$" },
  ),
} satisfies Options;

interface Lifecycle {
  introduced?: number;
  removed?: number;
  instead?: string;
}

const kinds: Readonly<Record<string, Lifecycle>> = lifecycles.kinds;

/** The oldest version whose modules the table uses: the table is not exact for earlier versions. */
const OLDEST = 20;

export const removedApis = resourceRule<typeof options>({
  name: "removed-apis",
  description: "Objects use API versions that their Kubernetes version has.",
  remediation: "Write the API version that replaced it.",
  controls: { "nsa-cisa": ["upgrades"] },
  why: "An upgrade of the cluster removes old API versions, and then the objects of the stack can no longer be updated or deleted. The rule knows this for each kind, since kinds of one API version appear and disappear at different times.",
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
        expected: instead ?? "another kind, since this kind has no newer version",
        actual: `${version} of ${resource.kind}, which Kubernetes 1.${removed} ${removed > lifecycles.newest ? "will remove" : "removed"}`,
        fix:
          instead === undefined
            ? "Replace it with another kind."
            : "Use the resource class of the newer version.",
      });
    } else if (minor < introduced && introduced > OLDEST) {
      run.violation(at, {
        expected: `a version that Kubernetes 1.${minor} has`,
        actual: `${version} of ${resource.kind}, which Kubernetes 1.${introduced} introduced`,
        fix: "Use an older version, or upgrade the cluster first.",
      });
    }
  },
});

function versionOf({ group = "", version = "" }: Resource): string {
  return group === "" ? version : `${group}/${version}`;
}

/** A list has the lifecycle of its items. */
function lifecycleOf(version: string, kind: string): Lifecycle | undefined {
  const names = [kind, kind.replace(/List$/, "")].map((name) => `${version} ${name}`);
  const found = names.find((name) => Object.hasOwn(kinds, name));
  return found === undefined ? undefined : kinds[found];
}

import { type Options, option, resourceRule } from "../../core";
import removed from "./removed-versions.json";

const options = {
  kubernetes: option<string>(
    "latest",
    "The Kubernetes version that the objects are for, as `v1.34`: what is removed in that or an earlier version is refused.",
    { type: "string", pattern: "^(latest|v1\\.[0-9]+)$" },
  ),
} satisfies Options;

type Removed = Readonly<Record<string, { removed: string; instead: string }>>;

export const removedApis = resourceRule<typeof options>({
  name: "removed-apis",
  description: "Objects use API versions that Kubernetes still has.",
  why: "An upgrade of the cluster takes old API versions away, and then nothing of the stack can be updated or deleted.",
  level: "mandatory",
  severity: "medium",
  options,
  applies: (resource) => resource.kind !== undefined,
  check(resource, run) {
    const group = resource.group === "" || resource.group === undefined ? "" : `${resource.group}/`;
    const version = `${group}${resource.version}`;
    const found = Object.hasOwn(removed, version) ? (removed as Removed)[version] : undefined;
    if (!found) return;
    const minor = /^v1\.(\d+)$/.exec(run.config.kubernetes)?.[1];
    if (minor !== undefined && Number(minor) < Number(found.removed.split(".")[1])) return;
    run.violation(resource.props.get("apiVersion"), {
      expected: found.instead,
      actual: `${version}, which Kubernetes ${found.removed} removed`,
      fix: "Use the resource class of the newer version.",
    });
  },
});

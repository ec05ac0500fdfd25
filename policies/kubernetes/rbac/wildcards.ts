import { kubernetesDocs } from "../../core";
import { grantRule } from "./rules";

/** Subresources that other rules cover, of any resource. */
const others = ["exec", "attach", "portforward", "proxy", "ephemeralcontainers", "token", "approval"];

const wildcards: Readonly<Record<string, (text: string) => boolean>> = {
  verbs: (text) => text === "*",
  resources: (text) => text === "*" || (text.startsWith("*/") && !others.includes(text.slice(2))),
  apiGroups: (text) => text === "*",
  // A star at the end is a wildcard: alone, it matches every path.
  nonResourceURLs: (text) => /^\/*\*+$/.test(text),
};

export const rbacWildcards = grantRule({
  name: "rbac-wildcards",
  description: "Roles name the verbs, resources, API groups and paths that they allow.",
  remediation: "Name the necessary verbs, resources, API groups and paths.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { cis: ["5.1.3"], "nsa-cisa": ["rbac"] },
  why: "`*` also allows everything that Kubernetes or the cluster adds later, and so does `*/status` for every resource. The path `/*` covers everything in the API server that is not a resource.",
  level: "mandatory",
  severity: "high",
  isForAll: true,
  check(grant, run) {
    for (const [field, isWide] of Object.entries(wildcards)) {
      const value = grant.at.get(field);
      if (!value.list().some((item) => isWide(item.text() ?? ""))) continue;
      run.violation(value, { expected: "names instead of *", fix: "Name the necessary ones." });
    }
  },
});

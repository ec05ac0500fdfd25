import { kubernetesDocs } from "../../core";
import { grantRule } from "./rules";

/** Subresources that a rule of their own is about, whatever they are of. */
const others = ["exec", "attach", "portforward", "proxy", "ephemeralcontainers", "token", "approval"];

const wildcards: Readonly<Record<string, (text: string) => boolean>> = {
  verbs: (text) => text === "*",
  resources: (text) => text === "*" || (text.startsWith("*/") && !others.includes(text.slice(2))),
  apiGroups: (text) => text === "*",
  // A star at the end stands for everything that begins so: with nothing before it, for every path.
  nonResourceURLs: (text) => /^\/*\*+$/.test(text),
};

export const rbacWildcards = grantRule({
  name: "rbac-wildcards",
  description: "Roles name the verbs, resources, API groups and paths that they allow.",
  remediation: "Name the verbs, resources, API groups and paths that are needed.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { cis: ["5.1.3"], "nsa-cisa": ["rbac"] },
  why: "`*` also allows what is added to Kubernetes, or to the cluster, later; so does `*/status` for every resource, and the path `/*` is all of the API server that is no resource.",
  level: "mandatory",
  severity: "high",
  isForAll: true,
  check(grant, run) {
    for (const [field, isWide] of Object.entries(wildcards)) {
      const value = grant.at.get(field);
      if (!value.list().some((item) => isWide(item.text() ?? ""))) continue;
      run.violation(value, { expected: "names instead of *", fix: "Name what is needed." });
    }
  },
});

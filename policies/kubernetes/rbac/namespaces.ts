import { kubernetesDocs } from "../../core";
import { grantRule } from "./rules";

export const rbacNamespaces = grantRule({
  name: "rbac-namespaces",
  description: "Roles do not allow to change namespaces.",
  remediation: "Leave update and patch of namespaces out; have whoever owns the cluster label them.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices, namespace modification",
    "concepts/security/rbac-good-practices/#namespace-modification",
  ),
  controls: { "nsa-cisa": ["rbac"] },
  why: "By its labels a namespace says which Pod Security Standard holds in it, and which NetworkPolicies let its pods in: who changes them takes both off.",
  level: "advisory",
  severity: "medium",
  check(grant, run) {
    if (grant.gives("update", "patch") !== true || grant.isAbout("", "namespaces") !== true) return;
    run.violation(grant.verbs, { expected: "no update or patch", fix: "Leave it out." });
  },
});

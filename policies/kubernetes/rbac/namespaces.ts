import { kubernetesDocs } from "../../core";
import { grantRule } from "./rules";

export const rbacNamespaces = grantRule({
  name: "rbac-namespaces",
  description: "Roles do not allow changing namespaces.",
  remediation: "Remove update and patch of namespaces, and let the cluster's administrators set the labels.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices, namespace modification",
    "concepts/security/rbac-good-practices/#namespace-modification",
  ),
  controls: { "nsa-cisa": ["rbac"] },
  why: "The labels of a namespace set its Pod Security Standard, and NetworkPolicies select its pods by them. Whoever can change the labels can bypass both.",
  level: "advisory",
  severity: "medium",
  check(grant, run) {
    if (grant.gives("update", "patch") !== true || grant.isAbout("", "namespaces") !== true) return;
    run.violation(grant.verbs, { expected: "no update or patch", fix: "Leave it out." });
  },
});

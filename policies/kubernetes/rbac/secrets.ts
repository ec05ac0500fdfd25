import { kubernetesDocs } from "../../core";
import { grantRule } from "./rules";

export const rbacSecrets = grantRule({
  name: "rbac-secrets",
  description: "Roles do not allow to read or change Secrets at large.",
  remediation:
    "Name the Secrets in resourceNames and give only get, or mount them into the pod, which needs no rights.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { cis: ["5.1.2"], "nsa-cisa": ["rbac", "secrets"] },
  why: "In the Secrets of a namespace are the credentials of everything in it: who reads them is all of that, and who changes them has it use other ones. A role may name the Secrets that it is for (resourceNames), also to list and watch them.",
  level: "mandatory",
  severity: "high",
  check(grant, run) {
    if (grant.names !== undefined || grant.isAbout("", "secrets") !== true) return;
    // To create one reads and replaces nothing, and cannot be limited to names.
    const verbs = ["get", "list", "watch", "update", "patch", "delete", "deletecollection"];
    if (grant.gives(...verbs) !== true) return;
    run.violation(grant.verbs, {
      expected: 'at most "create", or the Secrets named in resourceNames',
      fix: "Name the Secrets, or mount them.",
    });
  },
});

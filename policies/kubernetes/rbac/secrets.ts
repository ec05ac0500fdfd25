import { kubernetesDocs } from "../../core";
import { grantRule } from "./rules";

export const rbacSecrets = grantRule({
  name: "rbac-secrets",
  description: "Roles do not allow reading or changing all Secrets.",
  remediation:
    "Name the Secrets in resourceNames and grant only get, or mount them into the pod, which needs no rights.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { cis: ["5.1.2"], "nsa-cisa": ["rbac", "secrets"] },
  why: "The Secrets of a namespace contain the credentials of everything in it. Whoever can read them can use these credentials, and whoever can change them can replace these. A role may name its Secrets (resourceNames), also to list and watch them.",
  level: "mandatory",
  severity: "high",
  check(grant, run) {
    if (grant.names !== undefined || grant.isAbout("", "secrets") !== true) return;
    // create does not read or replace Secrets, and cannot be limited to names.
    const verbs = ["get", "list", "watch", "update", "patch", "delete", "deletecollection"];
    if (grant.gives(...verbs) !== true) return;
    run.violation(grant.verbs, {
      expected: 'at most "create", or the Secrets named in resourceNames',
      fix: "Name the Secrets, or mount them.",
    });
  },
});

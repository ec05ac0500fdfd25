import { grantRule } from "./rules";

export const rbacEscalation = grantRule({
  name: "rbac-escalation",
  description: "Roles do not allow to gain more rights.",
  why: "Escalate and bind give the holder any role, impersonate any user, and tokens for service accounts their rights.",
  level: "mandatory",
  severity: "critical",
  check(grant, run) {
    const rbac = "rbac.authorization.k8s.io";
    const bad = [
      grant.isAbout(rbac, "roles", "clusterroles") === true &&
        grant.verbs.includes("escalate", "bind") === true,
      grant.verbs.includes("impersonate") === true,
      grant.isAbout("", "serviceaccounts/token") === true && grant.gives("create") === true,
    ];
    if (!bad.includes(true)) return;
    run.violation(grant.verbs, {
      expected: "no escalate, bind or impersonate, and no create of serviceaccounts/token",
      fix: "Leave it out.",
    });
  },
});

import { kubernetesDocs } from "../../core";
import type { Value } from "../../core";
import { type Grant, grantRule } from "./rules";

/** Users, groups and roles that have all rights. */
const administrators = ["system:masters", "cluster-admin", "admin", "system:admin", "kubernetes-admin"];

export const rbacEscalation = grantRule({
  name: "rbac-escalation",
  description: "Roles do not allow gaining more rights.",
  remediation:
    "Remove bind, escalate, impersonate and the creation of tokens, and let an administrator grant the rights.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { cis: ["5.1.8", "5.1.13"], "nsa-cisa": ["rbac"] },
  why: "With escalate and bind the holder can get any role, with impersonate the rights of any user, and with tokens the rights of service accounts. The rule accepts bind, impersonate and tokens for named roles, users and accounts, because they give only the rights of these. It never accepts escalate: whoever may change one role beyond their own rights can get all rights.",
  level: "mandatory",
  severity: "critical",
  check(grant, run) {
    const rbac = "rbac.authorization.k8s.io";
    const isAboutRoles = grant.isAbout(rbac, "roles", "clusterroles") === true;
    const impersonates = grant.verbs.list().some((verb) => /^impersonate(-on)?(:|$)/.test(verb.text() ?? ""));
    const bad = [
      isAboutRoles && grant.verbs.includes("escalate") === true,
      isWide(grant) && isAboutRoles && grant.verbs.includes("bind") === true,
      isWide(grant) && impersonates,
      isWide(grant) && grant.isAbout("", "serviceaccounts/token") === true && grant.gives("create") === true,
    ];
    if (!bad.includes(true)) return;
    run.violation(grant.verbs, {
      expected:
        "no escalate, and no bind, impersonate or create of serviceaccounts/token without resourceNames",
      fix: "Leave it out, or name the objects in resourceNames.",
    });
  },
});

function isWide({ names }: Grant): boolean {
  return names === undefined || names.some(isAdministrator);
}

function isAdministrator(name: Value): boolean {
  return administrators.includes(name.text() ?? "");
}

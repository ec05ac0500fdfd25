import { kubernetesDocs } from "../../core";
import type { Value } from "../../core";
import { type Grant, grantRule } from "./rules";

/** Whom to impersonate, or what to bind, is to have everything. */
const administrators = ["system:masters", "cluster-admin", "admin", "system:admin", "kubernetes-admin"];

export const rbacEscalation = grantRule({
  name: "rbac-escalation",
  description: "Roles do not allow to gain more rights.",
  remediation:
    "Leave bind, escalate, impersonate and the making of tokens out; have an administrator give the rights.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { cis: ["5.1.8", "5.1.13"], "nsa-cisa": ["rbac"] },
  why: "Escalate and bind give the holder any role, impersonate any user, and tokens for service accounts their rights. To bind one role, to be one user or to have tokens of one account, by its name, is no more than what that one may do. Who may change a role beyond their own rights (escalate) has all rights also by one that is named.",
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
      fix: "Leave it out, or name what it is for.",
    });
  },
});

function isWide({ names }: Grant): boolean {
  return names === undefined || names.some(isAdministrator);
}

function isAdministrator(name: Value): boolean {
  return administrators.includes(name.text() ?? "");
}

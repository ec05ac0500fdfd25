import { kubernetesDocs } from "../../core";
import { grantRule } from "./rules";

export const rbacExec = grantRule({
  name: "rbac-exec",
  description: "Roles do not allow access into pods.",
  remediation:
    "Remove pods/exec, pods/attach, pods/portforward and similar rights, and grant them to people only for the time that they need them.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { "nsa-cisa": ["rbac"] },
  why: "Whoever may run a command in a pod has everything that the pod has: its service account, its Secrets, its network.",
  level: "mandatory",
  severity: "high",
  check(grant, run) {
    const inside = ["pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers"];
    const resources = grant.at.get("resources");
    // */proxy includes nodes/proxy, which the rule rbac-control-plane covers.
    const isProxy = grant.isAbout("", "pods/proxy") === true && resources.includes("*/proxy") === false;
    if (grant.isAbout("", ...inside) !== true && !isProxy) return;
    if (grant.gives("create", "get", "update", "patch") !== true) return;
    run.violation(resources, {
      expected: `none of ${[...inside, "pods/proxy"].join(", ")}`,
      fix: "Leave it out.",
    });
  },
});

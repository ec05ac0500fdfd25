import { kubernetesDocs } from "../../core";
import { grantRule } from "./rules";

export const rbacExec = grantRule({
  name: "rbac-exec",
  description: "Roles do not allow to enter pods.",
  remediation:
    "Leave pods/exec, pods/attach, pods/portforward and their like out; bind them to people for the time that they need them.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { "nsa-cisa": ["rbac"] },
  why: "Who may run a command in a pod has all that the pod has: its service account, its Secrets, its network.",
  level: "mandatory",
  severity: "high",
  check(grant, run) {
    const inside = ["pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers"];
    const resources = grant.at.get("resources");
    // */proxy holds that of the nodes, too: that is what rbac-control-plane is about.
    const isProxy = grant.isAbout("", "pods/proxy") === true && resources.includes("*/proxy") === false;
    if (grant.isAbout("", ...inside) !== true && !isProxy) return;
    if (grant.gives("create", "get", "update", "patch") !== true) return;
    run.violation(resources, {
      expected: `none of ${[...inside, "pods/proxy"].join(", ")}`,
      fix: "Leave it out.",
    });
  },
});

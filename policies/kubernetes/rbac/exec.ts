import { grantRule } from "./rules";

export const rbacExec = grantRule({
  name: "rbac-exec",
  description: "Roles do not allow to enter pods.",
  why: "Who may run a command in a pod has all that the pod has: its service account, its Secrets, its network.",
  level: "mandatory",
  severity: "high",
  check(grant, run) {
    const inside = ["pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "pods/ephemeralcontainers"];
    const resources = grant.at.get("resources");
    if (grant.isAbout("", ...inside) !== true || resources.includes("*") === true) return;
    if (grant.gives("create", "get", "update", "patch") !== true) return;
    run.violation(resources, { expected: `none of ${inside.join(", ")}`, fix: "Leave it out." });
  },
});

import { grantRule } from "./rules";

export const rbacCreatePods = grantRule({
  name: "rbac-create-pods",
  description: "Roles do not allow to create pods or what makes pods.",
  why: "A new pod may use every Secret and every service account of its namespace. Controllers and Flink's own Kubernetes integration need this; name them in an exemption.",
  level: "advisory",
  severity: "medium",
  check(grant, run) {
    const resources = grant.at.get("resources");
    if (resources.includes("*") === true || grant.gives("create") !== true) return;
    const makes = [
      grant.isAbout("", "pods", "replicationcontrollers"),
      grant.isAbout("apps", "deployments", "statefulsets", "daemonsets", "replicasets"),
      grant.isAbout("batch", "jobs", "cronjobs"),
    ];
    if (!makes.includes(true)) return;
    run.violation(grant.verbs, { expected: "no create", fix: "Leave it out." });
  },
});

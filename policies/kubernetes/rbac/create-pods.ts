import { kubernetesDocs } from "../../core";
import { grantRule } from "./rules";

/** Kinds that create pods from a template, by group. */
const makers: Readonly<Record<string, readonly string[]>> = {
  "": ["pods", "replicationcontrollers"],
  apps: ["deployments", "statefulsets", "daemonsets", "replicasets"],
  batch: ["jobs", "cronjobs"],
  "argoproj.io": ["rollouts", "workflows", "cronworkflows"],
  "apps.openshift.io": ["deploymentconfigs"],
  "flink.apache.org": ["flinkdeployments", "flinkbluegreendeployments"],
};

export const rbacCreatePods = grantRule({
  name: "rbac-create-pods",
  description: "Roles do not allow creating or changing pods and workloads.",
  remediation:
    "Remove create, update and patch of pods and workloads, or grant them only to the controller that needs them and exempt it.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { cis: ["5.1.4"], "nsa-cisa": ["rbac"] },
  why: "A new pod may use every Secret and every service account of its namespace, and so may the pods of a changed Deployment. Controllers and Flink's native Kubernetes integration need these rights: name them in an exemption.",
  level: "advisory",
  severity: "medium",
  check(grant, run) {
    if (grant.gives("create", "update", "patch") !== true) return;
    const makes = Object.entries(makers).map(([group, resources]) => grant.isAbout(group, ...resources));
    if (!makes.includes(true)) return;
    run.violation(grant.verbs, { expected: "no create, update or patch", fix: "Leave it out." });
  },
});

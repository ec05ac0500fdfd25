import { kubernetesDocs } from "../../core";
import { grantRule } from "./rules";

/** What makes pods of a template that it holds, by its group. */
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
  description: "Roles do not allow to create pods or what makes pods, nor to change it.",
  remediation:
    "Leave create, update and patch of pods and workloads out, or give them to the one controller that needs them and exempt it.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { cis: ["5.1.4"], "nsa-cisa": ["rbac"] },
  why: "A new pod may use every Secret and every service account of its namespace, and so may the pods of a Deployment whose template somebody changes. Controllers and Flink's own Kubernetes integration need this; name them in an exemption.",
  level: "advisory",
  severity: "medium",
  check(grant, run) {
    if (grant.gives("create", "update", "patch") !== true) return;
    const makes = Object.entries(makers).map(([group, resources]) => grant.isAbout(group, ...resources));
    if (!makes.includes(true)) return;
    run.violation(grant.verbs, { expected: "no create, update or patch", fix: "Leave it out." });
  },
});

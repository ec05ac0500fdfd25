import type { Fixtures } from "../../core/fixtures";
import { role } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [role({ apiGroups: [""], resources: ["pods"], verbs: ["create"] })] },
    { manifests: [role({ apiGroups: ["apps"], resources: ["deployments"], verbs: ["create"] })] },
    { manifests: [role({ apiGroups: ["batch"], resources: ["jobs"], verbs: ["*"] })] },
    {
      about: "who changes a template runs any pod",
      manifests: [
        role({ apiGroups: ["apps"], resources: ["deployments"], verbs: ["get", "patch", "update"] }),
      ],
    },
    { manifests: [role({ apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["update"] })] },
    { manifests: [role({ apiGroups: ["argoproj.io"], resources: ["rollouts"], verbs: ["create"] })] },
    {
      manifests: [
        role({ apiGroups: ["flink.apache.org"], resources: ["flinkdeployments"], verbs: ["patch"] }),
      ],
    },
    {
      about: "each kind that makes pods",
      manifests: [
        role(
          { apiGroups: [""], resources: ["replicationcontrollers"], verbs: ["create"] },
          { apiGroups: ["apps"], resources: ["daemonsets"], verbs: ["create"] },
          { apiGroups: ["apps"], resources: ["replicasets"], verbs: ["create"] },
          { apiGroups: ["batch"], resources: ["cronjobs"], verbs: ["create"] },
          { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["create"] },
          { apiGroups: ["argoproj.io"], resources: ["cronworkflows"], verbs: ["create"] },
          { apiGroups: ["apps.openshift.io"], resources: ["deploymentconfigs"], verbs: ["create"] },
          { apiGroups: ["flink.apache.org"], resources: ["flinkbluegreendeployments"], verbs: ["create"] },
        ),
      ],
      at: Array.from({ length: 8 }, (_, index) => `rules[${index}].verbs`),
    },
  ],
  passes: [
    { manifests: [role({ apiGroups: ["apps"], resources: ["deployments"], verbs: ["get", "delete"] })] },
    { manifests: [role({ apiGroups: ["apps"], resources: ["deployments/scale"], verbs: ["patch"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["services"], verbs: ["create", "patch"] })] },
    {
      about: "which rbac-wildcards is about",
      manifests: [role({ apiGroups: [""], resources: ["*"], verbs: ["create"] })],
    },
  ],
};

import type { rbac } from "@pulumi/kubernetes/types/input";
import type { ClusterModel } from "../args/model";
import { objectLabels, objectName } from "../names";

type Role = "jobmanager" | "taskmanager";

/**
 * The JobManager elects its leader and keeps its pointers in ConfigMaps. Their names contain job ids, so the
 * rights cannot list names. Its client renews the leadership with `patch` and writes with `update`.
 * TaskManagers only read who leads.
 */
const verbs: Record<Role, string[]> = {
  jobmanager: ["get", "list", "watch", "create", "update", "patch", "delete"],
  taskmanager: ["get", "list", "watch"],
};

/** Rights of a role's pods at the Kubernetes API server. */
export function highAvailabilityRole(model: ClusterModel, role: Role) {
  return {
    metadata: metadata(model, role),
    rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: verbs[role] }],
  } satisfies rbac.v1.Role;
}

export function highAvailabilityBinding(model: ClusterModel, role: Role) {
  const { pod } = role === "jobmanager" ? model.jobManager : model.taskManager;
  const { name, namespace } = metadata(model, role);
  return {
    metadata: metadata(model, role),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
    subjects: [{ kind: "ServiceAccount", name: pod.serviceAccount.name, namespace }],
  } satisfies rbac.v1.RoleBinding;
}

function metadata(model: ClusterModel, role: Role) {
  return {
    name: objectName(model.name, role, "ha"),
    namespace: model.namespace.name,
    labels: objectLabels(model.name, role),
  };
}

/** Standby JobManagers prefer other nodes, but may share a node if there is only one. */
export function spreadOverNodes(matchLabels: Record<string, string>) {
  return [
    {
      maxSkew: 1,
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels },
      // Otherwise pods of the old revision would keep the new ones together.
      matchLabelKeys: ["pod-template-hash"],
    },
  ];
}

/**
 * With high availability only one of several JobManagers leads, so the new one starts before the old one
 * hands over and stops. Without it, two at a time would be two clusters. An application's revisions never
 * overlap either, since the job must restart anyway.
 */
export function jobManagerStrategy(model: ClusterModel) {
  return model.highAvailability && !model.application
    ? { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
    : { type: "Recreate" };
}

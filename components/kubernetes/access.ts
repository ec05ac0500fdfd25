import type { ClusterModel } from "../args/model";
import { type Component, objectLabels } from "../names";

/** The identity of a role's pods. They have no rights but those that a feature gives them, and a token only if it needs one. */
export function serviceAccount(model: ClusterModel, role: "jobmanager" | "taskmanager" | "historyserver") {
  const { jobManager, taskManager, historyServer } = model;
  const { pod } = { jobmanager: jobManager, taskmanager: taskManager, historyserver: historyServer! }[role];
  return {
    metadata: {
      name: pod.serviceAccount.name,
      namespace: model.namespace.name,
      labels: objectLabels(model.name, role satisfies Component),
      annotations: pod.serviceAccount.annotations,
    },
    automountServiceAccountToken: false,
  };
}

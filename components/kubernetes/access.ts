import type { ClusterModel, PodModel } from "../args/model";
import { type Component, objectLabels } from "../names";

/** The identity of a role's pods. They have no rights but those that a feature gives them, and a token only if it needs one. */
export function serviceAccount(model: ClusterModel, role: Component, pod: PodModel) {
  return {
    metadata: {
      name: pod.serviceAccount.name,
      namespace: model.namespace.name,
      labels: objectLabels(model.name, role),
      annotations: pod.serviceAccount.annotations,
    },
    automountServiceAccountToken: false,
  };
}

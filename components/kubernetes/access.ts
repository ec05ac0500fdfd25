import type { ClusterModel, PodModel } from "../args/model";
import { type Component, objectLabels } from "../names";

/**
 * Service account of a role's pods. It has only the rights that a feature adds, and a token only if it needs
 * one.
 */
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

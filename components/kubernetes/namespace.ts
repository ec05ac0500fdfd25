import type { ClusterModel } from "../args/model";
import { objectLabels } from "../names";

/** A namespace of our own. It refuses every pod that could take over its node, ours included. */
export function clusterNamespace(model: ClusterModel) {
  return {
    metadata: {
      name: model.namespace.name,
      labels: {
        ...objectLabels(model.name),
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/audit": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
      },
    },
  };
}

import type { ClusterModel } from "../args/model";
import type { LimitRangeArgs } from "../args/namespace";
import { objectLabels } from "../names";

/** A created namespace. It refuses every pod that could take over its node, even the component's own. */
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
      // Objects from an earlier stack must not be reported as conflicts.
      ...(model.namespace.retain ? { annotations: { "pulumi.com/patchForce": "true" } } : {}),
    },
  };
}

/** Total resources of all pods of the namespace. */
export function resourceQuota(model: ClusterModel, hard: Record<string, string>) {
  return { metadata: metadata(model), spec: { hard } };
}

/** Bounds and defaults of each container in the namespace. */
export function limitRange(model: ClusterModel, limits: LimitRangeArgs) {
  return { metadata: metadata(model), spec: { limits: [{ type: "Container", ...limits }] } };
}

function metadata(model: ClusterModel) {
  return { name: model.name, namespace: model.namespace.name, labels: objectLabels(model.name) };
}

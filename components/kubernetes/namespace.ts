import type { ClusterModel } from "../args/model";
import type { LimitRangeArgs } from "../args/namespace";
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
      // What an earlier stack has left there is no conflict.
      ...(model.namespace.retain ? { annotations: { "pulumi.com/patchForce": "true" } } : {}),
    },
  };
}

/** What all pods of the namespace may use together. */
export function resourceQuota(model: ClusterModel, hard: Record<string, string>) {
  return { metadata: metadata(model), spec: { hard } };
}

/** What one container of the namespace may and does use. */
export function limitRange(model: ClusterModel, limits: LimitRangeArgs) {
  return { metadata: metadata(model), spec: { limits: [{ type: "Container", ...limits }] } };
}

function metadata(model: ClusterModel) {
  return { name: model.name, namespace: model.namespace.name, labels: objectLabels(model.name) };
}

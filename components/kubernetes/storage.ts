import type { core } from "@pulumi/kubernetes/types/input";
import type { ClaimModel } from "../args/check-storage";
import type { ClusterModel } from "../args/model";
import { objectLabels } from "../names";

/** The created claim of the volume for checkpoints and savepoints. */
export function storageClaim(model: ClusterModel, claim: ClaimModel) {
  return {
    metadata: {
      name: claim.name,
      namespace: model.namespace.name,
      labels: objectLabels(model.name),
      // Some storage classes bind a claim only when a pod uses it, and the pods are created later.
      annotations: { "pulumi.com/skipAwait": "true" },
    },
    spec: {
      accessModes: ["ReadWriteMany"],
      ...(claim.storageClass ? { storageClassName: claim.storageClass } : {}),
      resources: { requests: { storage: claim.size } },
    },
  } satisfies core.v1.PersistentVolumeClaim;
}

import type { Resource, Stack } from "../../core";

/** What keeps a number of the same pods running. */
export const workloadKinds = [
  "apps/Deployment",
  "apps/StatefulSet",
  "apps/ReplicaSet",
  "/ReplicationController",
];

export function isWorkload(resource: Resource): boolean {
  return resource.is(...workloadKinds);
}

export function workloads(stack: Stack): Resource[] {
  return stack.kinds(...workloadKinds).filter((resource) => !resource.isPatch);
}

/** Pods that it wants: undefined while unknown. Kubernetes' own default is 1. */
export function replicasOf(resource: Resource): number | undefined {
  const replicas = resource.spec.get("replicas");
  if (replicas.isUnknown) return undefined;
  return replicas.isAbsent ? 1 : replicas.number();
}

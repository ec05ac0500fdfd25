import { type Resource, sameNamespace, type Stack } from "../../core";

/** Workloads that keep a number of equal pods running. */
export const workloadKinds = [
  "apps/Deployment",
  "apps/StatefulSet",
  "apps/ReplicaSet",
  "/ReplicationController",
  "argoproj.io/Rollout",
  "apps.openshift.io/DeploymentConfig",
];

export function isWorkload(resource: Resource): boolean {
  return resource.is(...workloadKinds);
}

export function workloads(stack: Stack): Resource[] {
  return stack.kinds(...workloadKinds).filter((resource) => !resource.isPatch && resource.pods.length > 0);
}

/** The number of replicas: undefined while unknown. Kubernetes' default is 1. */
export function replicasOf(resource: Resource): number | undefined {
  const replicas = resource.spec.get("replicas");
  if (replicas.isUnknown) return undefined;
  return replicas.isAbsent ? 1 : replicas.number();
}

/** The smallest number of pods: the minimum of its autoscaler, else its replicas. */
export function fewestPods(stack: Stack, resource: Resource): number | undefined {
  const scalers = stack.kinds("autoscaling/HorizontalPodAutoscaler").filter((scaler) => {
    const target = scaler.spec.get("scaleTargetRef");
    if (sameNamespace(scaler, resource) === false) return false;
    const names = [target.get("name"), target.get("kind"), resource.metadata.get("name")];
    if (names.map((value) => value.isUnknown).includes(true)) return true;
    return target.get("name").text() === resource.objectName && target.get("kind").text() === resource.kind;
  });
  if (scalers.length === 0) return replicasOf(resource);
  const [scaler] = scalers;
  const least = scaler!.spec.get("minReplicas");
  const isSure =
    scalers.length === 1 && scaler!.spec.get("scaleTargetRef", "name").text() === resource.objectName;
  if (!isSure || least.isUnknown) return undefined;
  return least.isAbsent ? 1 : least.number();
}

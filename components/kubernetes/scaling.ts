import type { autoscaling } from "@pulumi/kubernetes/types/input";
import type { KedaArgs } from "../args/keda";
import type { AutoscalingModel, ClusterModel } from "../args/model";
import { objectLabels, objectName, selectorLabels } from "../names";
import { taskManagerWorkload } from "./task-managers";

function metadata(model: ClusterModel, component: "jobmanager" | "taskmanager") {
  return {
    name: objectName(model.name, component),
    namespace: model.namespace.name,
    labels: objectLabels(model.name, component),
  };
}

/** Scales the TaskManagers by CPU or by the given metrics. */
export function autoscaler(model: ClusterModel, scaling: AutoscalingModel) {
  return {
    metadata: {
      ...metadata(model, "taskmanager"),
      // KEDA's admission would refuse its own object while this one exists. Meanwhile Kubernetes lets neither
      // scale.
      annotations: { "validations.keda.sh/hpa-ownership": "false" },
    },
    spec: {
      scaleTargetRef: taskManagerWorkload(model),
      minReplicas: scaling.minReplicas,
      maxReplicas: scaling.maxReplicas,
      metrics: scaling.metrics,
      behavior: scaling.behavior,
    },
  } satisfies autoscaling.v2.HorizontalPodAutoscaler;
}

/**
 * The same through KEDA, which creates a HorizontalPodAutoscaler from it. Deleting it keeps the current
 * number.
 */
export function scaledObject(model: ClusterModel, scaling: AutoscalingModel, keda: KedaArgs) {
  const { pollingInterval, fallback, triggers } = keda;
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: metadata(model, "taskmanager"),
    spec: {
      scaleTargetRef: taskManagerWorkload(model),
      minReplicaCount: scaling.minReplicas,
      maxReplicaCount: scaling.maxReplicas,
      ...(pollingInterval === undefined ? {} : { pollingInterval }),
      ...(fallback ? { fallback } : {}),
      advanced: { horizontalPodAutoscalerConfig: { behavior: scaling.behavior } },
      triggers,
    },
  };
}

/**
 * Always lets a drain evict one pod at a time. `minAvailable: 1` with a single JobManager would block drains
 * forever.
 */
export function disruptionBudget(model: ClusterModel, component: "jobmanager" | "taskmanager") {
  return {
    metadata: metadata(model, component),
    spec: {
      maxUnavailable: 1,
      // A pod that is not ready needs no protection.
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: selectorLabels(model.name, component) },
    },
  };
}

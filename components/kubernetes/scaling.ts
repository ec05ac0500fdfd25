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

/** Scales the TaskManagers, by CPU or by the metrics given. */
export function autoscaler(model: ClusterModel, scaling: AutoscalingModel) {
  return {
    metadata: {
      ...metadata(model, "taskmanager"),
      // KEDA's admission would refuse its own object while this one is still there. For that moment Kubernetes lets neither scale.
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

/** The same by KEDA, which makes a HorizontalPodAutoscaler of it. It leaves the number as it is when it goes. */
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

/** Lets a drain evict one pod at a time, always: a budget of `minAvailable: 1` on one JobManager would block it for ever. */
export function disruptionBudget(model: ClusterModel, component: "jobmanager" | "taskmanager") {
  return {
    metadata: metadata(model, component),
    spec: {
      maxUnavailable: 1,
      // A pod that is not ready protects nothing.
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: selectorLabels(model.name, component) },
    },
  };
}

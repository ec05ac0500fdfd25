import type { AutoscalingModel, ClusterModel } from "../args/model";
import { objectLabels, objectName, selectorLabels } from "../names";

/**
 * Scales the TaskManagers by CPU. Every change of their number restarts the jobs, so it goes up in big steps and down in
 * a few; the windows hold it still until a start or a restore, which are busy themselves, have passed.
 */
export function autoscaler(model: ClusterModel, scaling: AutoscalingModel) {
  const name = objectName(model.name, "taskmanager");
  return {
    metadata: {
      name,
      namespace: model.namespace.name,
      labels: objectLabels(model.name, "taskmanager"),
    },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      minReplicas: scaling.minReplicas,
      maxReplicas: scaling.maxReplicas,
      metrics: [
        {
          type: "Resource",
          resource: {
            name: "cpu",
            target: { type: "Utilization", averageUtilization: scaling.cpuUtilization },
          },
        },
      ],
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: scaling.scaleUpStabilizationSeconds,
          selectPolicy: "Max",
          policies: [
            { type: "Percent", value: 100, periodSeconds: 60 },
            { type: "Pods", value: 4, periodSeconds: 60 },
          ],
        },
        scaleDown: {
          stabilizationWindowSeconds: scaling.scaleDownStabilizationSeconds,
          selectPolicy: "Max",
          policies: [
            { type: "Percent", value: 50, periodSeconds: 60 },
            { type: "Pods", value: 1, periodSeconds: 60 },
          ],
        },
      },
    },
  };
}

/** Lets a drain evict one pod at a time, always: a budget of `minAvailable: 1` on one JobManager would block it for ever. */
export function disruptionBudget(model: ClusterModel, component: "jobmanager" | "taskmanager") {
  return {
    metadata: {
      name: objectName(model.name, component),
      namespace: model.namespace.name,
      labels: objectLabels(model.name, component),
    },
    spec: {
      maxUnavailable: 1,
      // A pod that is not ready protects nothing.
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: selectorLabels(model.name, component) },
    },
  };
}

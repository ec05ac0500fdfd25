import type { autoscaling } from "@pulumi/kubernetes/types/input";
import { type KedaArgs, kedaShape } from "./keda";
import type { ShapeOf } from "./shape";

/**
 * How the number of TaskManagers follows the load: by a HorizontalPodAutoscaler of Kubernetes, or a
 * `ScaledObject` of KEDA. A change takes effect in place and keeps the running TaskManagers.
 */
export interface AutoscalingArgs {
  /** Minimum number of TaskManagers, at least 1. A new cluster starts with it. Default: 1. */
  minReplicas?: number;

  /** Maximum number of TaskManagers. Times the slots of each, it bounds the useful parallelism of a job. */
  maxReplicas: number;

  /**
   * Target for the average CPU use, in percent of the CPU request (`taskManager.cpu.request`). Default: 80,
   * unless `metrics` or `keda` is given.
   */
  cpuUtilization?: number;

  /**
   * Metrics to scale by, in addition to or instead of CPU: Kubernetes' `MetricSpec` (autoscaling/v2). The
   * metric that asks for the most TaskManagers decides. Pod metrics and external metrics need an adapter in
   * the Kubernetes cluster. Default: none.
   */
  metrics?: autoscaling.v2.MetricSpec[];

  /**
   * Lets KEDA scale by its triggers, instead of a HorizontalPodAutoscaler made by this component. Needs KEDA
   * in the Kubernetes cluster. Default: no KEDA.
   */
  keda?: KedaArgs;

  /**
   * Seconds for which more TaskManagers must be wanted before they are added. Every change restarts the jobs
   * from their last checkpoint, and a restart itself causes load. Default: the time that Flink's adaptive
   * scheduler waits between two rescalings and for more TaskManagers, at least 60. That time is 30 s, and 60
   * s more from Flink 2.0 on, or as `config` says.
   */
  scaleUpStabilizationSeconds?: number;

  /**
   * Seconds for which fewer TaskManagers must be enough before some are removed. Default: 300, as in
   * Kubernetes.
   */
  scaleDownStabilizationSeconds?: number;

  /**
   * Kubernetes' `HorizontalPodAutoscalerBehavior`, for finer control. A given `scaleUp` or `scaleDown`
   * replaces the component's own. Default: scale up to twice as many or four more at a time; scale down to
   * half as many or one less at a time. After scaling down, the next step waits at least a checkpoint
   * interval plus the time of a restart.
   */
  behavior?: autoscaling.v2.HorizontalPodAutoscalerBehavior;
}

export const autoscalingShape: ShapeOf<AutoscalingArgs> = {
  minReplicas: "number",
  maxReplicas: "number",
  cpuUtilization: "number",
  metrics: "kubernetes",
  keda: { object: kedaShape },
  scaleUpStabilizationSeconds: "number",
  scaleDownStabilizationSeconds: "number",
  behavior: "kubernetes",
};

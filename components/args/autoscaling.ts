import type { autoscaling } from "@pulumi/kubernetes/types/input";
import { type KedaArgs, kedaShape } from "./keda";
import type { ShapeOf } from "./shape";

/**
 * How TaskManagers follow the load: a HorizontalPodAutoscaler of Kubernetes, or a `ScaledObject` of KEDA. A change takes effect in place and
 * keeps the running TaskManagers.
 */
export interface AutoscalingArgs {
  /** Fewest TaskManagers, at least 1, and the number that a new cluster begins with. Default: 1. */
  minReplicas?: number;

  /** Most TaskManagers. With the slots of each it bounds the parallelism that is of use to a job. */
  maxReplicas: number;

  /**
   * Average CPU use that is aimed at, in percent of the CPU request (`taskManager.cpu.request`). Default: 80, unless `metrics` or `keda` say
   * what to scale by.
   */
  cpuUtilization?: number;

  /**
   * What to scale by besides, or instead of CPU: Kubernetes' `MetricSpec` (autoscaling/v2). The metric that wants most TaskManagers decides.
   * Metrics of pods and external ones need an adapter in the Kubernetes cluster. Default: none.
   */
  metrics?: autoscaling.v2.MetricSpec[];

  /** Has KEDA scale, by what it calls triggers, in place of a HorizontalPodAutoscaler of our own. Needs KEDA in the Kubernetes cluster. Default: no. */
  keda?: KedaArgs;

  /**
   * How long more TaskManagers must have been wanted before some are added, in seconds. Every change restarts the jobs from their last
   * checkpoint, and a start is itself busy. Default: what Flink's adaptive scheduler itself waits between two rescalings and for still
   * more TaskManagers (30 s, and from Flink 2.0 on 60 s more, or what `config` says), at least 60.
   */
  scaleUpStabilizationSeconds?: number;

  /** How long fewer TaskManagers must have been enough before some are removed, in seconds. Default: 300, as Kubernetes'. */
  scaleDownStabilizationSeconds?: number;

  /**
   * Kubernetes' `HorizontalPodAutoscalerBehavior`, where the rest is not enough: its `scaleUp`, its `scaleDown`, or both take the place of ours as
   * they stand. Default: up to twice as many, or four more, at a time; down to half as many, or one less, at a time, and then no further for
   * longer than a checkpoint interval and a restart take.
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

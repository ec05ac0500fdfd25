import type { ShapeOf } from "./shape";

/** How TaskManagers follow the load. A change takes effect in place. */
export interface AutoscalingArgs {
  /** Fewest TaskManagers, at least 1, and the number to begin with. Default: 1. */
  minReplicas?: number;

  /** Most TaskManagers. With the slots of each it bounds the parallelism that is of use to a job. */
  maxReplicas: number;

  /** Average CPU use that is aimed at, in percent of the CPU request (`taskManager.cpu.request`). Default: 80. */
  cpuUtilization?: number;

  /**
   * How long more TaskManagers must have been wanted before some are added, in seconds. Every change restarts the jobs from their last
   * checkpoint, and a start is itself busy; Flink waits 30 s between two rescalings. Default: 60.
   */
  scaleUpStabilizationSeconds?: number;

  /** How long fewer TaskManagers must have been enough before some are removed, in seconds. Default: 300, as Kubernetes'. */
  scaleDownStabilizationSeconds?: number;
}

export const autoscalingShape: ShapeOf<AutoscalingArgs> = {
  minReplicas: "number",
  maxReplicas: "number",
  cpuUtilization: "number",
  scaleUpStabilizationSeconds: "number",
  scaleDownStabilizationSeconds: "number",
};

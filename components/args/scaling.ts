import type { FlinkRelease } from "../flink/versions";
import type { Findings } from "./additions";
import { checkAutoscaling } from "./check-autoscaling";
import type { FlinkClusterArgs } from "./cluster";
import { checkCount } from "./count";
import { type ClusterModel, maximumReplicas, type ScalingModel } from "./model";

export { checkCount } from "./count";

/** Constraints on the number of TaskManagers. */
export interface ScalingContext {
  /** Absent if the version is unsupported. */
  release?: FlinkRelease;
  slots: number;
  /** The JobManager's config.yaml. */
  options: Record<string, string>;
}

/** The number of TaskManagers: fixed or an autoscaler's bounds, never both. */
export function normaliseScaling(
  args: FlinkClusterArgs,
  context: ScalingContext,
  findings: Findings,
): ScalingModel {
  const { problems, warnings } = findings;
  const replicas = args.taskManager?.replicas;
  if (args.autoscaling) {
    if (replicas !== undefined) {
      problems.push({
        path: "taskManager.replicas",
        value: replicas,
        reason: "with autoscaling, the autoscaler sets the number of TaskManagers",
        fix: "leave it out and set autoscaling.minReplicas, or leave autoscaling out",
      });
    }
    const model = checkAutoscaling(args, context, findings);
    checkUse("autoscaling.maxReplicas", model.maxReplicas, context, findings);
    return model;
  }
  checkCount("taskManager.replicas", replicas ?? 1, 0, "the number cannot be negative", problems);
  if (replicas === 0) {
    warnings.push({
      path: "taskManager.replicas",
      value: replicas,
      reason: "without TaskManagers jobs wait for slots, and fail after a timeout",
      fix: "write at least 1, unless the cluster should be idle",
    });
  }
  checkUse("taskManager.replicas", replicas ?? 1, context, findings);
  return { replicas: replicas ?? 1, given: replicas !== undefined };
}

/** A job never uses slots beyond its maximum parallelism. */
function checkUse(path: string, most: number, { slots, options }: ScalingContext, findings: Findings): void {
  const maximum = maximumParallelism(options);
  if (maximum === undefined || !(most * slots > maximum)) return;
  findings.warnings.push({
    path,
    value: most,
    reason: `${most} TaskManagers have ${most * slots} slots, but one job uses at most ${maximum} (pipeline.max-parallelism)`,
    fix: `write ${Math.max(1, Math.ceil(maximum / slots))}, or raise pipeline.max-parallelism (jobs then start without their old state)`,
  });
}

/**
 * The maximum parallelism of every job from `config`. Without it, Flink's own maximum exceeds any job's
 * parallelism.
 */
export function maximumParallelism(options: Record<string, string>): number | undefined {
  const value = Number(options["pipeline.max-parallelism"] ?? Number.NaN);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}

/** The parallelism of jobs that set none: all slots that the cluster can have, up to what one job can use. */
export function defaultParallelism(model: ClusterModel): number {
  const slots = Math.max(1, maximumReplicas(model)) * model.taskManager.slots;
  return Math.min(slots, maximumParallelism(model.jobManager.options) ?? slots);
}

/** The part that a preview shows: nothing secret or unknown. */
export function describeScaling({ scaling }: ClusterModel): object {
  if ("replicas" in scaling) return scaling.given ? { replicas: scaling.replicas } : {};
  const { minReplicas, maxReplicas, metrics, keda } = scaling;
  const by = keda ? keda.triggers.map(({ type }) => `keda ${type}`) : metrics.map(({ type }) => type);
  return { autoscaling: { minReplicas, maxReplicas, by } };
}

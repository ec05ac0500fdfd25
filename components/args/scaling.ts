import type { Problem } from "../problems";
import type { AutoscalingArgs } from "./autoscaling";
import type { FlinkClusterArgs } from "./cluster";
import type { AutoscalingModel, ClusterModel } from "./model";

/** How many TaskManagers: a fixed number or an autoscaler's bounds, never both. */
export function normaliseScaling(args: FlinkClusterArgs, problems: Problem[]): ClusterModel["scaling"] {
  const replicas = args.taskManager?.replicas;
  if (!args.autoscaling) {
    checkCount("taskManager.replicas", replicas ?? 1, 0, "there cannot be fewer than none", problems);
    return { replicas: replicas ?? 1 };
  }
  if (replicas !== undefined) {
    problems.push({
      path: "taskManager.replicas",
      value: replicas,
      reason: "with autoscaling, the autoscaler owns the number of TaskManagers",
      fix: "leave it out and set autoscaling.minReplicas, or leave autoscaling out",
    });
  }
  const scheduler = args.config?.["jobmanager.scheduler"];
  if (typeof scheduler === "string" && scheduler.toLowerCase() !== "adaptive") {
    problems.push({
      path: 'config["jobmanager.scheduler"]',
      value: scheduler,
      reason:
        "only the adaptive scheduler changes the parallelism of running jobs as TaskManagers come and go",
      fix: "leave the option out (adaptive is the default here), or leave autoscaling out",
    });
  }
  return normaliseAutoscaling(args.autoscaling, problems);
}

function normaliseAutoscaling(args: AutoscalingArgs, problems: Problem[]): AutoscalingModel {
  const model: AutoscalingModel = {
    minReplicas: args.minReplicas ?? 1,
    maxReplicas: args.maxReplicas ?? 1,
    cpuUtilization: args.cpuUtilization ?? 80,
    scaleUpStabilizationSeconds: args.scaleUpStabilizationSeconds ?? 60,
    scaleDownStabilizationSeconds: args.scaleDownStabilizationSeconds ?? 300,
  };
  const check = (field: keyof AutoscalingModel, minimum: number, reason: string, maximum?: number) =>
    checkCount(`autoscaling.${field}`, model[field], minimum, reason, problems, maximum);
  check("minReplicas", 1, "with no TaskManager there is no CPU use to scale by");
  if (args.maxReplicas === undefined) {
    const reason = "an autoscaler needs an upper bound";
    problems.push({
      path: "autoscaling.maxReplicas",
      reason,
      fix: "write the most TaskManagers that you want to pay for",
    });
  } else if (
    check("maxReplicas", 1, "there must be room for one TaskManager") &&
    model.minReplicas > model.maxReplicas
  ) {
    problems.push({
      path: "autoscaling.maxReplicas",
      value: model.maxReplicas,
      reason: `this is less than autoscaling.minReplicas, which is ${model.minReplicas}`,
      fix: `write ${model.minReplicas} or more, or lower autoscaling.minReplicas`,
    });
  }
  check("cpuUtilization", 1, "this is a percentage of the CPU request");
  const window = "Kubernetes takes 0 to 3600 seconds";
  check("scaleUpStabilizationSeconds", 0, window, 3600);
  check("scaleDownStabilizationSeconds", 0, window, 3600);
  return model;
}

/** Reports a number that is not whole or out of range. */
export function checkCount(
  path: string,
  value: number,
  minimum: number,
  reason: string,
  problems: Problem[],
  maximum = 10_000_000,
): boolean {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return true;
  const range = maximum === 10_000_000 ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
  problems.push({ path, value, reason, fix: `write a whole number ${range}` });
  return false;
}

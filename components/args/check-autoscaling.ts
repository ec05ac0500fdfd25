import type { autoscaling } from "@pulumi/kubernetes/types/input";
import { milliseconds } from "../flink/durations";
import type { Problem } from "../problems";
import type { Findings } from "./additions";
import type { AutoscalingArgs } from "./autoscaling";
import { checkKeda } from "./check-keda";
import { checkKubernetes, withTexts } from "./check-kubernetes";
import type { FlinkClusterArgs } from "./cluster";
import { checkCount } from "./count";
import type { AutoscalingModel } from "./model";
import { parseCpu } from "./quantity";
import type { ScalingContext } from "./scaling";
import { isPlainObject } from "./shape";

/** Time for a restart before the next change is harmless, in seconds. */
const restartSeconds = 60;
const longestWindow = 3600;
const longestPeriod = 1800;

/** Checks the autoscaler's bounds, metrics and speed. */
export function checkAutoscaling(
  args: FlinkClusterArgs,
  context: ScalingContext,
  findings: Findings,
): AutoscalingModel {
  const { problems } = findings;
  const given = args.autoscaling!;
  checkScheduler(args, findings);
  const minReplicas = given.minReplicas ?? 1;
  const maxReplicas = given.maxReplicas ?? 1;
  checkBounds(given, minReplicas, maxReplicas, findings);
  const keda = given.keda && checkKeda(given.keda, minReplicas, maxReplicas, problems);
  return {
    minReplicas,
    maxReplicas,
    metrics: checkMetrics(args, findings),
    behavior: behaviorOf(given, context, findings),
    ...(keda ? { keda } : {}),
  };
}

/**
 * Only the adaptive scheduler follows the TaskManagers, and it treats every removed one as a failure of the
 * job.
 */
function checkScheduler({ config = {} }: FlinkClusterArgs, { problems, warnings }: Findings): void {
  const scheduler = config["jobmanager.scheduler"];
  if (typeof scheduler === "string" && scheduler.toLowerCase() !== "adaptive") {
    problems.push({
      path: 'config["jobmanager.scheduler"]',
      value: scheduler,
      reason:
        "only the adaptive scheduler changes the parallelism of running jobs when the number of TaskManagers changes",
      fix: "leave the option out (the component's default is adaptive), or leave autoscaling out",
    });
  }
  const name = ["restart-strategy.type", "restart-strategy"].find((option) => config[option] !== undefined);
  const strategy = name === undefined ? undefined : config[name];
  if (typeof strategy !== "string") return;
  const path = `config["${name}"]`;
  if (/^(none|off|disable)$/i.test(strategy)) {
    problems.push({
      path,
      value: strategy,
      reason:
        "a job counts each TaskManager that the autoscaler removes as a failure, and with this option a failure ends the job",
      fix: "leave the option out (the component's default is exponential-delay), or leave autoscaling out",
    });
  } else if (/^fixed-?delay$/i.test(strategy)) {
    warnings.push({
      path,
      value: strategy,
      reason:
        "a job counts each TaskManager that the autoscaler removes as a failure, and this strategy never forgets one",
      fix: "leave the option out: exponential-delay forgets after an hour without failures",
    });
  }
}

function checkBounds(given: AutoscalingArgs, minimum: number, maximum: number, findings: Findings): void {
  const { problems, warnings } = findings;
  const path = "autoscaling.maxReplicas";
  checkCount(
    "autoscaling.minReplicas",
    minimum,
    1,
    "without a TaskManager there is no CPU use to scale by, so jobs would wait for ever",
    problems,
  );
  if (given.maxReplicas === undefined) {
    const reason = "an autoscaler needs an upper bound";
    problems.push({ path, reason, fix: "write the largest number of TaskManagers that you want to pay for" });
  } else if (!checkCount(path, maximum, 1, "the upper bound must allow at least one TaskManager", problems)) {
    return;
  } else if (minimum > maximum) {
    problems.push({
      path,
      value: maximum,
      reason: `this is less than autoscaling.minReplicas, which is ${minimum}`,
      fix: `write ${minimum} or more, or lower autoscaling.minReplicas`,
    });
  } else if (minimum === maximum) {
    const reason = "this equals autoscaling.minReplicas, so there is nothing to scale";
    const fix = "write more, or set taskManager.replicas instead of autoscaling";
    warnings.push({ path, value: maximum, reason, fix });
  }
}

/**
 * Metrics of the HorizontalPodAutoscaler: CPU, unless others are given. KEDA derives its own from its
 * triggers.
 */
function checkMetrics(args: FlinkClusterArgs, findings: Findings): autoscaling.v2.MetricSpec[] {
  const { problems } = findings;
  const { cpuUtilization, keda } = args.autoscaling!;
  const metrics = withTexts(args.autoscaling!.metrics, "[MetricSpec]");
  if (keda) {
    for (const field of ["metrics", "cpuUtilization"] as const) {
      if (args.autoscaling![field] === undefined) continue;
      problems.push({
        path: `autoscaling.${field}`,
        reason:
          "KEDA makes the only autoscaler, from its triggers; two autoscalers would undo each other's work",
        fix:
          field === "metrics"
            ? "write it as a trigger in autoscaling.keda.triggers, or leave keda out"
            : `write { type: "cpu", metricType: "Utilization", metadata: { value: "${cpuUtilization}" } } as a trigger, or leave keda out`,
      });
    }
    return [];
  }
  const before = problems.length;
  checkKubernetes("autoscaling.metrics", metrics, "[MetricSpec]", problems);
  const others = problems.length === before ? (metrics ?? []) : [];
  if (
    metrics !== undefined &&
    cpuUtilization === undefined &&
    (problems.length > before || others.length > 0)
  ) {
    return others;
  }
  const target = cpuUtilization ?? 80;
  if (
    checkCount("autoscaling.cpuUtilization", target, 1, "this is a percentage of the CPU request", problems)
  ) {
    checkReachable(args, target, findings);
  }
  const resource = { name: "cpu", target: { type: "Utilization", averageUtilization: target } };
  return [{ type: "Resource", resource }, ...others];
}

/** A container never uses more than its limit. Kubernetes adds pods only at a tenth above the target. */
function checkReachable({ taskManager }: FlinkClusterArgs, target: number, { warnings }: Findings): void {
  const request = parseCpu(taskManager?.cpu?.request ?? "");
  const limit =
    parseCpu(taskManager?.cpu?.limit ?? "") ?? (request && Math.max(request, defaultLimit(taskManager)));
  if (!request || !limit || target * 1.1 * request < limit * 100) return;
  warnings.push({
    path: "autoscaling.cpuUtilization",
    value: target,
    reason: `a TaskManager can never use enough CPU to start another: ${target} % of its CPU request is ${Math.round((target * request) / 100)} millicores, and its limit is ${limit}`,
    fix: `write at most ${Math.floor((limit * 100) / request / 1.25)}, or raise taskManager.cpu.limit`,
  });
}

function defaultLimit(taskManager: FlinkClusterArgs["taskManager"]): number {
  return 1000 * (taskManager?.slots ?? 1);
}

/**
 * Limits the speed: no faster than Flink's own scheduler rescales, or than a job needs to recover and
 * complete a checkpoint.
 */
function behaviorOf(
  given: AutoscalingArgs,
  context: ScalingContext,
  { problems, warnings }: Findings,
): autoscaling.v2.HorizontalPodAutoscalerBehavior {
  const settling = settlingSeconds(context);
  const scaleUp = given.scaleUpStabilizationSeconds ?? Math.min(longestWindow, Math.max(60, settling));
  const scaleDown = given.scaleDownStabilizationSeconds ?? 300;
  const window = `Kubernetes takes 0 to ${longestWindow} seconds`;
  checkCount("autoscaling.scaleUpStabilizationSeconds", scaleUp, 0, window, problems, longestWindow);
  checkCount("autoscaling.scaleDownStabilizationSeconds", scaleDown, 0, window, problems, longestWindow);
  if (given.scaleUpStabilizationSeconds !== undefined && scaleUp >= 0 && scaleUp < settling) {
    warnings.push({
      path: "autoscaling.scaleUpStabilizationSeconds",
      value: scaleUp,
      reason: `Flink's scheduler waits ${settling} s between two rescalings, and the load of each restart looks like a reason to add more`,
      fix: `write ${settling} or more, or leave it out`,
    });
  }
  checkBehavior(given, problems);
  const own = {
    scaleUp: {
      stabilizationWindowSeconds: scaleUp,
      selectPolicy: "Max",
      policies: steps({ percent: 100, pods: 4, periodSeconds: Math.max(60, settling) }),
    },
    scaleDown: {
      stabilizationWindowSeconds: scaleDown,
      selectPolicy: "Max",
      policies: steps({ percent: 50, pods: 1, periodSeconds: Math.max(60, recoverySeconds(context)) }),
    },
  };
  return { ...own, ...(isPlainObject(given.behavior) ? given.behavior : {}) };
}

function steps({ percent, pods, periodSeconds }: { percent: number; pods: number; periodSeconds: number }) {
  const period = { periodSeconds: Math.min(longestPeriod, periodSeconds) };
  return [
    { type: "Percent", value: percent, ...period },
    { type: "Pods", value: pods, ...period },
  ];
}

function checkBehavior(given: AutoscalingArgs, problems: Problem[]): void {
  const { behavior } = given;
  if (behavior === undefined) return;
  checkKubernetes("autoscaling.behavior", behavior, "HorizontalPodAutoscalerBehavior", problems);
  for (const [direction, field] of Object.entries({
    scaleUp: "scaleUpStabilizationSeconds",
    scaleDown: "scaleDownStabilizationSeconds",
  } as const)) {
    if (!(direction in behavior) || given[field] === undefined) continue;
    problems.push({
      path: `autoscaling.${field}`,
      value: given[field],
      reason: `autoscaling.behavior.${direction} replaces all of the component's settings for this direction`,
      fix: `write it as autoscaling.behavior.${direction}.stabilizationWindowSeconds`,
    });
  }
}

/** Time between two rescalings of the adaptive scheduler, including its wait for more slots. */
function settlingSeconds({ release, options }: ScalingContext): number {
  if (!release) return 0;
  const { cooldown, executingStabilizationTimeout: stabilization } = release.adaptiveScheduler;
  const between = seconds(options[cooldown]) ?? 30;
  return Math.ceil(between + (stabilization ? (seconds(options[stabilization]) ?? 60) : 0));
}

/** Time after a TaskManager is removed: a restart, and a checkpoint of the work since then. */
function recoverySeconds({ options }: ScalingContext): number {
  return restartSeconds + Math.ceil(seconds(options["execution.checkpointing.interval"]) ?? 0);
}

function seconds(duration: string | undefined): number | undefined {
  const time = duration === undefined ? undefined : milliseconds(duration);
  return time === undefined ? undefined : time / 1000;
}

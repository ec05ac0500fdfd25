import { loadCatalogue } from "../flink/catalogue";
import type { Problem } from "../problems";
import type { Context, Feature, Findings } from "./additions";
import type { FlinkApplicationArgs } from "./application";
import { jarPath } from "./artifact";
import type { FlinkClusterArgs } from "./cluster";
import { joinPath } from "./shape";

/** What an application's JobManager needs to know about its job. */
export interface ApplicationModel {
  jar?: string;
  entryClass?: string;
  arguments: string[];
  reactive: boolean;
  allowNonRestoredState: boolean;
  /** Whether the pods are removed some time after the job has finished. */
  ttl?: boolean;
}

/**
 * Additions of an application's job to the cluster. Reports only mistakes that need both sets of arguments to
 * be seen.
 */
export function checkApplication(
  { args, release }: Context,
  given: FlinkApplicationArgs,
  { problems }: Findings,
): Feature<ApplicationModel> {
  const reactive = given.reactive ?? false;
  if (reactive && given.parallelism !== undefined) {
    problems.push({
      path: "parallelism",
      value: given.parallelism,
      reason: "in reactive mode the job uses all available slots, whatever its parallelism",
      fix: "leave one of parallelism and reactive out",
    });
  }
  checkScheduler(args.config ?? {}, reactive, problems);
  checkTtl(given, args, problems);
  if (args.prepare !== undefined) {
    const reason = "prepare is for session clusters: an application stops its job with its own Job";
    problems.push({ path: "prepare", reason, fix: "leave it out, and set startTimeout and submitter" });
  }
  const { types } = loadCatalogue(release.minor);
  const options = {
    // Whoever stops the job must be able to read the result, even after the job has ended.
    "execution.shutdown-on-application-finish": "false",
    // A program that fails before its job starts leaves a failed job, whose exception can be read.
    "execution.submit-failed-job-on-application-error": "true",
    // Prevents a second start under the same id as long as nobody has recorded the end.
    "job-result-store.delete-on-commit": "false",
    "application-result-store.delete-on-commit": "false",
  };
  const parallelism = given.parallelism ?? (reactive ? undefined : allSlots(args));
  return {
    additions: {
      argument: "parallelism",
      jobManager: {
        options: {
          ...Object.fromEntries(Object.entries(options).filter(([option]) => types.has(option))),
          ...(parallelism === undefined ? {} : { "parallelism.default": String(parallelism) }),
        },
        // The program comes with the JobManager, so nobody needs to upload another.
        defaults: { "web.submit.enable": "false" },
        usesApiServer: true,
      },
      taskManager: {},
    },
    model: {
      ...(given.jar === undefined ? {} : { jar: jarPath(given.jar) }),
      ...(given.entryClass === undefined ? {} : { entryClass: given.entryClass }),
      arguments: given.arguments ?? [],
      reactive,
      allowNonRestoredState: given.allowNonRestoredState ?? false,
      ...(given.ttlSecondsAfterFinished === undefined ? {} : { ttl: true }),
    },
  };
}

/** Reports options that duplicate an argument, or that reactive mode excludes. */
function checkScheduler(config: Record<string, unknown>, reactive: boolean, problems: Problem[]): void {
  const refuse = (option: string, reason: string, fix: string) =>
    void problems.push({ path: joinPath("config", option), value: config[option], reason, fix });
  if (config["scheduler-mode"] !== undefined)
    refuse("scheduler-mode", "the argument reactive sets this option", "set reactive instead");
  // With a `parallelism` argument, this option is among those that the argument owns.
  if (reactive && config["parallelism.default"] !== undefined)
    refuse("parallelism.default", "the argument parallelism sets this option", "set parallelism instead");
  const scheduler = config["jobmanager.scheduler"];
  if (reactive && typeof scheduler === "string" && scheduler.toLowerCase() !== "adaptive")
    refuse(
      "jobmanager.scheduler",
      "reactive mode needs the adaptive scheduler",
      "leave it out, or set reactive: false",
    );
}

function checkTtl(
  { ttlSecondsAfterFinished: seconds, guard }: FlinkApplicationArgs,
  { autoscaling }: FlinkClusterArgs,
  problems: Problem[],
): void {
  if (seconds === undefined) return;
  const path = "ttlSecondsAfterFinished";
  const refuse = (reason: string, fix: string) => void problems.push({ path, value: seconds, reason, fix });
  if (typeof seconds === "number" && !(Number.isSafeInteger(seconds) && seconds >= 0 && seconds < 1e10))
    refuse("this must be a whole number of seconds, at least 0", "write for example 86400, a day");
  if (guard === false) refuse("the guard removes the pods, and guard: false turns it off", "leave guard out");
  if (autoscaling?.keda !== undefined)
    refuse(
      "KEDA starts TaskManagers again after they are removed",
      "leave it out, or scale with a HorizontalPodAutoscaler: autoscaling without keda",
    );
}

/** All slots that the cluster can have. */
function allSlots({ taskManager, autoscaling }: FlinkClusterArgs): number {
  const most = autoscaling?.maxReplicas ?? taskManager?.replicas ?? 1;
  return Math.max(1, Number(most) || 1) * (Number(taskManager?.slots) || 1);
}

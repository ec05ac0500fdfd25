import { milliseconds } from "../flink/durations";
import { checkValue, withoutUnit } from "../flink/values";
import type { Problem } from "../problems";
import { type Context, type Feature, type Findings, forBoth } from "./additions";
import {
  type CheckpointingArgs,
  CheckpointingMode,
  CheckpointRetention,
  StateBackend,
} from "./checkpointing";
import { checkCount } from "./scaling";

const checkpointing = "execution.checkpointing.";

/**
 * Keeps several checkpoints, so that one that somebody has just looked up still exists a moment later. Flink
 * reads this option from the cluster, not from a job.
 */
const severalRetained = { [`${checkpointing}num-retained`]: "3" };

/** Additions of `checkpointing` to the cluster. */
export function checkCheckpointing(context: Context, findings: Findings): Feature<never> {
  const { args, release } = context;
  const given = args.checkpointing;
  const { problems, warnings } = findings;
  if (!given) {
    checkAbsence(context, warnings);
    if (!args.storage) return { additions: forBoth("checkpointing", {}) };
    const defaults = {
      [`${checkpointing}externalized-checkpoint-retention`]: CheckpointRetention.Retain,
      ...severalRetained,
    };
    return { additions: forBoth("checkpointing", { defaults }) };
  }
  checkDurations(given, release.isoDurations, problems);
  checkWords(given, release.minor, problems);
  if (given.retained !== undefined)
    checkCount(
      "checkpointing.retained",
      given.retained,
      1,
      "a failed job continues from the last checkpoint",
      problems,
    );
  if (given.tolerableFailures !== undefined)
    checkCount(
      "checkpointing.tolerableFailures",
      given.tolerableFailures,
      0,
      "the number cannot be negative",
      problems,
    );
  if (given.interval !== undefined && !hasDirectory(context)) {
    warnings.push({
      path: "checkpointing.interval",
      value: given.interval,
      reason: "without storage the JobManager keeps checkpoints in memory, and loses them with its pod",
      fix: "set storage.directory",
    });
  }
  const native = given.stateBackend === StateBackend.RocksDB || given.stateBackend === StateBackend.ForSt;
  return {
    additions: forBoth("checkpointing", {
      options: optionsOf(given),
      defaults: {
        ...(native && given.incremental === undefined ? { [`${checkpointing}incremental`]: "true" } : {}),
        ...(args.storage && given.retained === undefined ? severalRetained : {}),
        ...(args.storage && given.retention === undefined
          ? { [`${checkpointing}externalized-checkpoint-retention`]: CheckpointRetention.Retain }
          : {}),
      },
    }),
  };
}

function optionsOf(given: CheckpointingArgs): Record<string, string> {
  const values: Record<string, string | number | boolean | undefined> = {
    [`${checkpointing}interval`]: given.interval,
    [`${checkpointing}timeout`]: given.timeout,
    [`${checkpointing}min-pause`]: given.minPause,
    [`${checkpointing}mode`]: given.mode,
    [`${checkpointing}unaligned.enabled`]: given.unaligned,
    [`${checkpointing}incremental`]: given.incremental,
    "state.backend.type": given.stateBackend,
    [`${checkpointing}num-retained`]: given.retained,
    [`${checkpointing}externalized-checkpoint-retention`]: given.retention,
    [`${checkpointing}tolerable-failed-checkpoints`]: given.tolerableFailures,
  };
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([option, value]) => [option, String(value)]));
}

function checkDurations(given: CheckpointingArgs, iso: boolean, problems: Problem[]): void {
  for (const field of ["interval", "timeout", "minPause"] as const) {
    const value = given[field];
    if (value === undefined) continue;
    const path = `checkpointing.${field}`;
    const unreadable = checkValue("Duration", value, iso);
    const bare = withoutUnit(value);
    const time = milliseconds(value);
    if (unreadable) {
      problems.push({ path, value, reason: `Flink expects ${unreadable.expected}`, fix: unreadable.fix });
    } else if (bare) {
      problems.push({ path, value, ...bare });
    } else if (field !== "minPause" && time !== undefined && time < 10) {
      problems.push({
        path,
        value,
        reason: "Flink does not accept less than 10 ms",
        fix: "write a unit too, such as '1 min'",
      });
    }
  }
}

function checkWords(given: CheckpointingArgs, minor: string, problems: Problem[]): void {
  const words = { mode: CheckpointingMode, retention: CheckpointRetention, stateBackend: StateBackend };
  for (const [field, known] of Object.entries(words)) {
    const value = given[field as keyof typeof words];
    const names: string[] = Object.values(known);
    if (value === undefined || names.includes(value)) continue;
    const meant = names.find((name) => name.toLowerCase() === value.toLowerCase());
    const fix = meant ? `write ${meant}` : `write one of ${names.join(", ")}`;
    problems.push({ path: `checkpointing.${field}`, value, reason: "Flink does not know this value", fix });
  }
  if (given.stateBackend === StateBackend.ForSt && minor.startsWith("1.")) {
    const reason = `Flink ${minor} does not have this state backend; Flink 2.0 introduced it`;
    problems.push({
      path: "checkpointing.stateBackend",
      value: given.stateBackend,
      reason,
      fix: "write rocksdb",
    });
  }
  if (given.unaligned && given.mode === CheckpointingMode.AtLeastOnce) {
    const reason = "unaligned checkpoints need the mode EXACTLY_ONCE";
    problems.push({
      path: "checkpointing.unaligned",
      value: true,
      reason,
      fix: "leave it out, or write EXACTLY_ONCE as checkpointing.mode",
    });
  }
}

/** Warns if jobs restart by design, but no job continues from a checkpoint unless it enables its own. */
function checkAbsence({ args }: Context, warnings: Problem[]): void {
  if (Object.keys(args.config ?? {}).some((option) => /^execution\.checkpointing\.interval$/.test(option)))
    return;
  const fix = "set checkpointing.interval; or write checkpointing: {} if every job sets its own";
  if (args.autoscaling) {
    const reason =
      "every change of the number of TaskManagers restarts the jobs, and without checkpoints they start from the beginning";
    warnings.push({ path: "autoscaling", reason, fix });
  }
  if (args.highAvailability) {
    const reason =
      "without checkpoints a job starts from the beginning when another JobManager takes it over";
    warnings.push({ path: "highAvailability", reason, fix });
  }
}

function hasDirectory({ args }: Context): boolean {
  const names = ["execution.checkpointing.dir", "state.checkpoints.dir", "state.backend.fs.checkpointdir"];
  return args.storage !== undefined || names.some((name) => Object.hasOwn(args.config ?? {}, name));
}

import type { Problem } from "../problems";
import { scheduleProblem } from "./cron";
import type { ShapeOf } from "./shape";

/**
 * Savepoints of a running job that are taken on a schedule, for moving it to another cluster or back in time.
 * Recovery after a failure uses checkpoints, not these.
 */
export interface PeriodicSavepointsArgs {
  /**
   * The schedule in the five fields of cron, for example `0 3 * * *` for every night at three, or `@daily`.
   * The time zone is `timeZone`. A job that is not running at that time is skipped.
   */
  schedule: string;

  /**
   * Time zone of `schedule`, such as `Europe/Berlin`. Default: that of the Kubernetes cluster's controllers,
   * usually UTC.
   */
  timeZone?: string;

  /**
   * Number of these savepoints to keep, at least 1. Older ones are disposed of, but never one that the job
   * runs from or may be started from. Default: 7.
   */
  keep?: number;
}

export const periodicSavepointsShape: ShapeOf<PeriodicSavepointsArgs> = {
  schedule: "text",
  timeZone: "text",
  keep: "number",
};

export const defaultKeptSavepoints = 7;

export function checkPeriodicSavepoints(
  { schedule, timeZone, keep }: Partial<PeriodicSavepointsArgs>,
  problems: Problem[],
): void {
  const bad = (name: string, value: unknown, reason: string, fix: string) =>
    void problems.push({ path: `savepoints.${name}`, value, reason, fix });
  const wrong = scheduleProblem(schedule);
  if (wrong) bad("schedule", schedule, wrong.reason, wrong.fix);
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    bad(
      "timeZone",
      timeZone,
      "there is no time zone of this name",
      'write for example "Europe/Berlin" or "Etc/UTC"',
    );
  }
  if (keep !== undefined && !(Number.isInteger(keep) && keep >= 1 && keep <= 1000)) {
    bad(
      "keep",
      keep,
      "this must be a whole number from 1 to 1000",
      `write for example ${defaultKeptSavepoints}`,
    );
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return /^[A-Z]/.test(name) && name !== "Local";
  } catch {
    return false;
  }
}

import { contentHash } from "../names";
import type { Context } from "./additions";

type Roles<JobManager, TaskManager> = { jobManager: JobManager; taskManager: TaskManager };

/**
 * Gives the JobManager a name that changes with whatever restarts both roles, and tells it to the TaskManagers, so that those of one change meet only each other. Both
 * are replaced at once, and a TaskManager that came to the JobManager before while that was still ending would stay with it: Flink looks the JobManager up once, and then
 * asks the one that it found until `taskmanager.registration.timeout`, or, if it got as far as to be registered, waits `heartbeat.timeout` for a sign of life.
 *
 * What only one of the roles has, or has otherwise than the other, is not in the name: it would restart the other one too. With high availability there are leaders' ids.
 */
export function meetingOnlyEachOther<
  JobManager extends { options: Record<string, string> },
  TaskManager extends { options: Record<string, string> },
>(
  { args, image }: Context,
  { jobManager, taskManager }: Roles<JobManager, TaskManager>,
  logging: unknown,
): Roles<JobManager & { hostname?: string }, TaskManager> {
  if (args.highAvailability) return { jobManager, taskManager };
  const options = Object.entries(jobManager.options).filter(
    ([option, value]) => taskManager.options[option] === value,
  );
  const hostname = `jobmanager-${contentHash({ image, logging, options: Object.fromEntries(options) })}`;
  const named = <Role extends { options: Record<string, string> }>(role: Role): Role => {
    const address = `${hostname}.${role.options["jobmanager.rpc.address"]}`;
    return { ...role, options: { ...role.options, "jobmanager.rpc.address": address } };
  };
  return { jobManager: { ...named(jobManager), hostname }, taskManager: named(taskManager) };
}

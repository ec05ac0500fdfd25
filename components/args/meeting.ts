import { contentHash } from "../names";
import type { Context } from "./additions";

type Roles<JobManager, TaskManager> = { jobManager: JobManager; taskManager: TaskManager };

/**
 * Gives the JobManager a host name that changes with everything that restarts both roles. So new TaskManagers
 * cannot join the old JobManager: they would ask it until `taskmanager.registration.timeout`, or wait for
 * `heartbeat.timeout`. Options that differ between the roles are not in the name, since they would restart
 * both. With high availability, leader ids serve this purpose.
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

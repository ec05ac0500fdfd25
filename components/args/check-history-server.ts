import { below } from "../flink/file-systems";
import type { ProcessMemory } from "../flink/memory";
import type { Problem } from "../problems";
import { combine, type Context, type Feature, type Findings, type RoleAdditions } from "./additions";
import { checkHeapMemory, heapOptions } from "./check-heap-memory";
import { checkSame, readLocation, type StorageModel } from "./check-storage";
import type { HistoryServerArgs } from "./history-server";
import type { RoleModel } from "./model";
import { commonRole } from "./roles";
import { joinPath } from "./shape";

/** A History Server, after validation. Its options are those on top of the cluster's. */
export type HistoryServerModel = RoleModel<ProcessMemory>;

/** Options of the History Server, and the arguments that own them. */
const owned = {
  "historyserver.archive.fs.dir": "archiveDirectory",
  "historyserver.archive.fs.refresh-interval": "refreshSeconds",
  "historyserver.archive.retained-jobs": "retainedJobs",
  "historyserver.web.address": undefined,
  "historyserver.web.port": undefined,
};

/**
 * Additions of `historyServer` to the cluster.
 *
 * @param storage the checked `storage`.
 * @param shared additions of the cluster's pods that its pod needs to reach the storage.
 */
export function checkHistoryServer(
  context: Context,
  findings: Findings,
  storage: StorageModel | undefined,
  shared: RoleAdditions[],
): Feature<HistoryServerModel> {
  const args = context.args.historyServer;
  const nothing = { argument: "historyServer", jobManager: {}, taskManager: {} };
  if (!args) return { additions: nothing };
  const { problems } = findings;
  const directory = checkDirectory(context, args, storage, problems);
  for (const field of ["refreshSeconds", "retainedJobs"] as const) {
    const value = args[field];
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
    const reason = "this must be at least 1";
    problems.push({
      path: `historyServer.${field}`,
      value,
      reason,
      fix: "write a whole number of at least 1",
    });
  }
  checkOptions(context, problems);
  const additions = combine(shared);
  const memory = checkHeapMemory("historyServer.memory", args.memory ?? "1g", problems);
  const role = commonRole(context, "historyServer", additions, 1000, "2Gi", findings);
  if (directory === undefined) return { additions: nothing };
  const { config = {} } = context.args;
  return {
    additions: { ...nothing, jobManager: { options: { "jobmanager.archive.fs.dir": directory } } },
    model: memory && {
      ...role,
      memory,
      options: {
        "historyserver.archive.fs.dir": directory,
        "historyserver.archive.fs.refresh-interval": `${args.refreshSeconds ?? 10} s`,
        ...(args.retainedJobs === undefined
          ? {}
          : { "historyserver.archive.retained-jobs": String(args.retainedJobs) }),
        "env.java.opts.historyserver": heapOptions(memory, config["env.java.opts.historyserver"]),
      },
    },
  };
}

/** Reports options of `config` that an argument sets too. */
function checkOptions({ args: { config = {} } }: Context, problems: Problem[]): void {
  for (const [option, argument] of Object.entries(owned)) {
    if (!Object.hasOwn(config, option)) continue;
    const reason = argument
      ? `the argument historyServer.${argument} sets this option`
      : "the component sets this option, so that Service, probes and NetworkPolicy use the same port";
    const fix = argument ? `set historyServer.${argument} instead` : "leave the option out";
    problems.push({ path: joinPath("config", option), reason, fix });
  }
}

/** The archive directory: both the JobManager and the History Server must be able to reach it. */
function checkDirectory(
  { args }: Context,
  { archiveDirectory }: HistoryServerArgs,
  storage: StorageModel | undefined,
  problems: Problem[],
): string | undefined {
  const path = "historyServer.archiveDirectory";
  const location =
    archiveDirectory === undefined ? undefined : readLocation(path, archiveDirectory, problems);
  if (storage) {
    if (location) checkSame(path, location, storage.directory, problems);
    return archiveDirectory ?? below(storage.directory, "archive");
  }
  // Problems of the storage are already reported.
  if (args.storage) return undefined;
  if (archiveDirectory === undefined) {
    const reason =
      "the JobManager writes its archives to a directory for the History Server, and there is no such directory";
    problems.push({ path, reason, fix: "set storage, or a directory that both can open" });
  } else if (location?.fileSystem === "file") {
    const reason = "only the JobManager's own pod can see this directory";
    const fix = "set storage with a volume, or write a directory in an object store";
    problems.push({ path, value: archiveDirectory, reason, fix });
  }
  return archiveDirectory;
}

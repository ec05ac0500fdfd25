import type * as pulumi from "@pulumi/pulumi";
import type { FlinkApplicationArgs } from "./args/application";
import type { FlinkClusterArgs } from "./args/cluster";
import type { ClusterModel } from "./args/model";
import { formatBytes } from "./args/quantity";
import { describeScaling } from "./args/scaling";
import type { ProcessMemory } from "./flink/memory";

/** Component inputs that a preview shows: the arguments with defaults, without secret or unknown values. */
export function componentInputs(model: ClusterModel, args: FlinkClusterArgs): pulumi.Inputs {
  const { jobManager, taskManager, secretOptions } = model;
  const role = ({ memory, cpu, ephemeralStorage }: typeof jobManager | typeof taskManager) => ({
    memory: formatBytes(memory.processSize),
    cpu: { request: `${cpu.request}m`, limit: `${cpu.limit}m` },
    ephemeralStorage,
  });
  const config = Object.entries(args.config ?? {}).filter(([option]) => !(option in secretOptions));
  return {
    flinkVersion: model.release.version,
    image: model.image,
    namespace: model.namespace,
    jobManager: role(jobManager),
    taskManager: { ...role(taskManager), slots: taskManager.slots },
    ...describeScaling(model),
    config: Object.fromEntries(config),
    ...(model.storage ? { storage: { directory: model.storage.directory.uri } } : {}),
    ...(model.highAvailability ? { highAvailability: model.highAvailability } : {}),
    network: model.network,
  };
}

/** Sizes of all parts of a process's memory, all in one unit so that people can compare them at a glance. */
export function memoryParts(memory: ProcessMemory): Record<string, string> {
  return Object.fromEntries(
    Object.entries(memory)
      .filter(([part, size]) => typeof size === "number" && part !== "slots")
      .map(([part, size]) => [part, mebibytes(size as number)]),
  );
}

/** Rounded to a thousandth. */
function mebibytes(bytes: number): string {
  return `${Math.round((bytes / 2 ** 20) * 1000) / 1000}Mi`;
}

/**
 * Component inputs of an application in a preview. The program's arguments are left out, since they may be
 * confidential.
 */
export function applicationInputs(model: ClusterModel, args: FlinkApplicationArgs): pulumi.Inputs {
  const { jar, entryClass, parallelism, upgradeMode, bounded } = args;
  const job = { jar, entryClass, parallelism, reactive: model.application?.reactive, upgradeMode, bounded };
  const given = Object.fromEntries(Object.entries(job).filter(([, value]) => value !== undefined));
  return { ...componentInputs(model, args), ...given };
}

/** Page of a job in the web UI; the start page if there is no job. */
export function jobUrl(restUrl: string, jobId: string, phase: string): string {
  if (jobId === "") return restUrl;
  return `${restUrl}/#/job/${phase === "finished" ? "completed" : "running"}/${jobId}/overview`;
}

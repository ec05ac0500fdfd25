import type * as pulumi from "@pulumi/pulumi";
import type { FlinkClusterArgs } from "./args/cluster";
import type { ClusterModel } from "./args/model";
import { formatBytes } from "./args/quantity";
import { describeScaling } from "./args/scaling";
import type { ProcessMemory } from "./flink/memory";

/** What a preview shows on the component's own line: the arguments with defaults filled in, nothing secret, nothing unknown. */
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

/** Sizes of all parts of a process's memory, for people. */
export function memoryParts(memory: ProcessMemory): Record<string, string> {
  return Object.fromEntries(
    Object.entries(memory)
      .filter(([part, size]) => typeof size === "number" && part !== "slots")
      .map(([part, size]) => [part, formatBytes(size as number)]),
  );
}

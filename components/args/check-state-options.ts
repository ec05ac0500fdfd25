import type { core } from "@pulumi/kubernetes/types/input";
import { fileSystemOf, isWithin, schemeOf } from "../flink/file-systems";
import type { Context, Findings } from "./additions";
import { joinPath } from "./shape";

/**
 * Options of `config` that name directories for durable state, including old names that Flink still reads.
 */
const stateOptions = [
  "execution.checkpointing.dir",
  "execution.checkpointing.savepoint-dir",
  "state.checkpoints.dir",
  "state.savepoints.dir",
  "state.backend.fs.checkpointdir",
];

const pluginOf: Record<string, string> = { s3: "s3", gcs: "gcs", azure: "azure" };

/** Reports state directories in `config` that only one pod sees, or whose file system is not set up. */
export function checkStateOptions({ args, image }: Context, { problems, warnings }: Findings): void {
  const storage = args.storage?.directory === undefined ? undefined : fileSystemOf(args.storage.directory);
  for (const option of stateOptions) {
    const value = args.config?.[option];
    if (typeof value !== "string") continue;
    const path = joinPath("config", option);
    const scheme = schemeOf(value) ?? "file";
    const fileSystem = fileSystemOf(`${scheme}:`);
    if (fileSystem === "file") {
      const directory = value.replace(/^file:(\/\/)?/, "");
      const volatile = (["jobManager", "taskManager"] as const).find(
        (role) => !isShared(directory, args[role] ?? {}),
      );
      if (volatile === undefined) continue;
      problems.push({
        path,
        value,
        reason: `no other pod can see this directory, and its files are lost with the ${volatile === "jobManager" ? "JobManager" : "TaskManager"}'s pod`,
        fix: "set storage with an object store such as s3://bucket/flink, or mount a claim there in both roles",
      });
    } else if (fileSystem !== undefined && fileSystem in pluginOf && fileSystem !== storage) {
      const finding = {
        path,
        value,
        reason: `the file system of ${scheme}:// is a plugin, which only the argument storage sets up`,
        fix: `set storage.directory to a ${scheme}:// directory`,
      };
      // A custom image may have the plugin; the official images do not.
      (args.image === undefined && image !== "" ? problems : warnings).push(finding);
    }
  }
}

interface Mounts {
  volumes?: core.v1.Volume[];
  volumeMounts?: core.v1.VolumeMount[];
}

/** Whether a volume of the role that outlives its pod is mounted there. */
function isShared(directory: string, role: object): boolean {
  const { volumes = [], volumeMounts = [] } = role as Mounts;
  const durable = new Set(
    volumes
      .filter(
        (volume) =>
          "persistentVolumeClaim" in volume || "nfs" in volume || "csi" in volume || "hostPath" in volume,
      )
      .map(({ name }) => name),
  );
  return volumeMounts.some(
    ({ name, mountPath }) => durable.has(name) && isWithin(directory, String(mountPath)),
  );
}

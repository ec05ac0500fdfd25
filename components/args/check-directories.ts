import { isWithin } from "../flink/file-systems";
import { jobManagerTemplate } from "../kubernetes/deployments";
import { taskManagerTemplate } from "../kubernetes/task-managers";
import type { Problem } from "../problems";
import type { ClusterModel } from "./model";
import { joinPath } from "./shape";

/** Options that name directories in which a role's process writes. */
const both = ["io.tmp.dirs", "blob.storage.directory", "process.working-dir", "env.log.dir"];
const writtenTo = {
  jobManager: [...both, "web.tmpdir", "web.upload.dir", "process.jobmanager.working-dir"],
  taskManager: [
    ...[...both, "process.taskmanager.working-dir", "execution.checkpointing.local-backup.dirs"],
    ...[
      "taskmanager.state.local.root-dirs",
      "state.backend.rocksdb.localdir",
      "state.backend.forst.local-dir",
    ],
  ],
};

interface Container {
  securityContext?: { readOnlyRootFilesystem?: unknown };
  volumeMounts?: { mountPath?: unknown; readOnly?: unknown }[];
}

/** Directories that lie in no volume: the root file system is read-only, and a process that cannot write there ends. */
export function checkDirectories(model: ClusterModel): Problem[] {
  const templates = {
    jobManager: jobManagerTemplate(model, "conf"),
    taskManager: taskManagerTemplate(model, "conf"),
  };
  const problems = (["jobManager", "taskManager"] as const).flatMap((role) => {
    const container = templates[role].spec.containers[0] as unknown as Container;
    if (container.securityContext?.readOnlyRootFilesystem !== true) return [];
    const writable = (container.volumeMounts ?? [])
      .filter(({ readOnly }) => readOnly !== true)
      .map(({ mountPath }) => String(mountPath));
    return writtenTo[role].flatMap((option) => {
      const value = model[role].options[option];
      const outside = directoriesIn(value).find((path) => !writable.some((mount) => isWithin(path, mount)));
      if (outside === undefined) return [];
      const reason = `${role}'s process writes there, its root file system is read-only, and no volume is mounted at ${outside}`;
      const fix = `write a directory below /tmp, or mount a volume there with ${role}.volumes and volumeMounts`;
      return [{ path: joinPath("config", option), value, reason, fix }];
    });
  });
  return problems.filter(({ path }, index) => problems.findIndex((one) => one.path === path) === index);
}

/** Flink separates directories by commas or colons; some may be written as URIs. */
function directoriesIn(value: string | undefined): string[] {
  return (value ?? "")
    .split(/,|:(?!\/)/)
    .map((path) => path.trim().replace(/^file:\/*/, "/"))
    .filter((path) => path.startsWith("/"));
}

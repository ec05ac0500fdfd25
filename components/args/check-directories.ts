import { isWithin } from "../flink/file-systems";
import { javaFiles } from "../flink/java-files";
import { jobManagerTemplate } from "../kubernetes/deployments";
import { historyServerTemplate } from "../kubernetes/history-server";
import { sqlGatewayTemplate } from "../kubernetes/sql-gateway";
import { taskManagerTemplate } from "../kubernetes/task-managers";
import type { Problem } from "../problems";
import type { ClusterModel } from "./model";
import { joinPath } from "./shape";

/** Options that name directories where a role's process writes. */
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
  historyServer: ["env.log.dir"],
  sqlGateway: ["env.log.dir"],
};

type Role = keyof typeof writtenTo;

/** Names of the roles in Java options. */
const javaNames = {
  jobManager: "jobmanager",
  taskManager: "taskmanager",
  historyServer: "historyserver",
  sqlGateway: "sql-gateway",
};

interface Container {
  securityContext?: { readOnlyRootFilesystem?: unknown };
  volumeMounts?: { mountPath?: unknown; readOnly?: unknown }[];
  env?: { name?: unknown; value?: unknown }[];
}

/**
 * Reports directories outside all volumes: the root file system is read-only, and a process that cannot write
 * there fails.
 */
export function checkDirectories(model: ClusterModel): Problem[] {
  const { historyServer, sqlGateway } = model;
  const templates: Partial<Record<Role, { spec: { containers: object[] } }>> = {
    jobManager: jobManagerTemplate(model, "conf"),
    taskManager: taskManagerTemplate(model, "conf"),
    ...(historyServer ? { historyServer: historyServerTemplate(model, historyServer, "conf") } : {}),
    ...(sqlGateway ? { sqlGateway: sqlGatewayTemplate(model, sqlGateway, "conf") } : {}),
  };
  const problems = (Object.keys(templates) as Role[]).flatMap((role) => {
    const container = templates[role]!.spec.containers[0] as Container;
    if (container.securityContext?.readOnlyRootFilesystem !== true) return [];
    const writable = (container.volumeMounts ?? [])
      .filter(({ readOnly }) => readOnly !== true)
      .map(({ mountPath }) => String(mountPath));
    const isOutside = (path: string) => !writable.some((mount) => isWithin(path, mount));
    // Auxiliary processes read the JobManager's options too.
    const options = { ...model.jobManager.options, ...model[role]!.options };
    return [
      ...inOptions(role, options, isOutside),
      ...inJavaOptions(role, options, isOutside),
      ...logVariable(role, container, isOutside),
    ];
  });
  // An option that both roles read is reported once.
  const isFirst = ({ path, key }: Outside, index: number) =>
    problems.findIndex((one) => one.path === path && one.key === key) === index;
  return problems.filter(isFirst).map(({ key: _, ...problem }) => problem);
}

/** A path outside all volumes. The key distinguishes several paths of one option. */
interface Outside extends Problem {
  key: string;
}

type Options = Record<string, string>;

function inOptions(role: Role, options: Options, isOutside: (path: string) => boolean): Outside[] {
  return writtenTo[role].flatMap((option) => {
    const value = options[option];
    const outside = directoriesIn(value).find(isOutside);
    if (outside === undefined) return [];
    const reason = `${role}'s process writes to ${outside}, but its root file system is read-only, and no volume is mounted there`;
    const fix = `write a directory below /tmp, or mount a volume there with ${role}.volumes and volumeMounts`;
    return [{ path: joinPath("config", option), value, reason, fix, key: "" }];
  });
}

/** The directory of the log, by the variable of Flink's scripts that takes precedence over `env.log.dir`. */
function logVariable(role: Role, { env = [] }: Container, isOutside: (path: string) => boolean): Outside[] {
  const value = env.find(({ name }) => name === "FLINK_LOG_DIR")?.value;
  if (typeof value !== "string" || !isOutside(value)) return [];
  const reason = `${role}'s log is written there, its root file system is read-only, and no volume is mounted at ${value}`;
  const fix = `leave FLINK_LOG_DIR out, or mount a volume there with ${role}.volumes and volumeMounts`;
  return [{ path: `${role}.env`, reason, fix, key: "FLINK_LOG_DIR" }];
}

/** Heap dumps, garbage collection logs and other files that Java is told to write. */
function inJavaOptions(role: Role, options: Options, isOutside: (path: string) => boolean): Outside[] {
  return [
    "default-opts.all",
    "opts.all",
    `default-opts.${javaNames[role]}`,
    `opts.${javaNames[role]}`,
  ].flatMap((name) => {
    const option = `env.java.${name}`;
    const files = javaFiles(options[option] ?? "").filter(({ path }) => isOutside(path));
    return files.map(({ flag, path, needed }) => {
      const then = needed ? "Java would not start" : "Java would write nothing";
      const reason = `${flag}: ${role}'s root file system is read-only, and no volume is mounted at ${path}, so ${then}`;
      const fix = `${/^-XX:\+/.test(flag) ? "add -XX:HeapDumpPath with" : "write"} a path below /opt/flink/log or /tmp, or mount a volume there with ${role}.volumes and volumeMounts`;
      return { path: joinPath("config", option), reason, fix, key: flag };
    });
  });
}

/** Flink separates directories by commas or colons; some may be written as URIs. */
function directoriesIn(value: string | undefined): string[] {
  return (value ?? "")
    .replace(/\bfile:\/*/g, "/")
    .split(/[,:]/)
    .map((path) => path.trim())
    .filter((path) => path.startsWith("/"));
}

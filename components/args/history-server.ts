import type { CpuArgs } from "./cluster";
import { cpuShape, type PodArgs, podShape } from "./pods";
import type { ShapeOf } from "./shape";

/**
 * A Flink History Server. The JobManager writes an archive of every job that ends, and the History Server shows them, as the web UI did. It
 * runs as one pod, reachable in the namespace as `<cluster>-history`, port 8082, for those that `network.rest` names: it has no
 * login. Adding or removing it restarts the cluster; other changes restart only the History Server.
 */
export interface HistoryServerArgs extends PodArgs {
  /**
   * Directory of the archives, a URI in the file system of `storage` (`jobmanager.archive.fs.dir`). Default: `archive` below
   * `storage.directory`. Changing it restarts the cluster.
   */
  archiveDirectory?: string;

  /** Seconds from one look for new archives to the next. Default: 10, as Flink's. */
  refreshSeconds?: number;

  /** How many archives are kept; of more, the oldest are deleted from `archiveDirectory`. Default: all. */
  retainedJobs?: number;

  /**
   * Memory of the whole process in Flink's grammar (`1g`, `1536m`), as request and limit. 448 MiB of it are for classes, threads and the rest, all others for the
   * heap; options under `env.java.opts.historyserver` come later and win. Default: 1g.
   */
  memory?: string;

  /** Its CPU. Default: limit 1, request half of the limit. */
  cpu?: CpuArgs;

  /** Disk for logs and for what it has unpacked of the archives, as a Kubernetes quantity; request and limit. Default: 2Gi. */
  ephemeralStorage?: string;
}

export const historyServerShape: ShapeOf<HistoryServerArgs> = {
  archiveDirectory: "text",
  refreshSeconds: "number",
  retainedJobs: "number",
  memory: "text",
  cpu: { object: cpuShape },
  ephemeralStorage: "text",
  ...podShape,
};

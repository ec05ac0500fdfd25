import type { CpuArgs } from "./cluster";
import { cpuShape, type PodArgs, podShape } from "./pods";
import type { ShapeOf } from "./shape";

/**
 * A Flink History Server. The JobManager writes an archive of every finished job, and the History Server
 * shows these jobs as the web UI did. It runs as one pod, reachable in the namespace as `<cluster>-history`,
 * port 8082. It has no login, so only the peers in `network.rest` may connect. Adding or removing it restarts
 * the cluster; other changes restart only the History Server.
 */
export interface HistoryServerArgs extends PodArgs {
  /**
   * Directory of the archives, a URI in the file system of `storage` (`jobmanager.archive.fs.dir`). Default:
   * `archive` below `storage.directory`. A change restarts the cluster.
   */
  archiveDirectory?: string;

  /** Seconds between two scans for new archives. Default: 10, as in Flink. */
  refreshSeconds?: number;

  /**
   * Number of archives that are kept. Beyond it, the oldest are deleted from `archiveDirectory`. Default: all
   * are kept.
   */
  retainedJobs?: number;

  /**
   * Memory of the whole process in Flink's notation (`1g`, `1536m`), as request and limit. 448 MiB of it are
   * for classes, threads and other overhead, the rest for the heap. Options in `env.java.opts.historyserver`
   * come later and win. Default: 1g.
   */
  memory?: string;

  /** CPU of the History Server. Default: limit 1, request half of the limit. */
  cpu?: CpuArgs;

  /**
   * Disk space for logs and unpacked archives, as a Kubernetes quantity. It is both request and limit.
   * Default: 2Gi.
   */
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

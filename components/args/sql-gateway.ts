import type { CpuArgs } from "./cluster";
import { cpuShape, type PodArgs, podShape } from "./pods";
import type { ShapeOf } from "./shape";

/**
 * A Flink SQL Gateway, for exploring: clients open sessions over its REST API or with Flink's JDBC driver, and what they run becomes jobs of this cluster. It
 * runs as one pod, reachable in the namespace as `<cluster>-sql-gateway`, port 8083, for those that `network.sqlGateway` names, and never from
 * outside: it has no login, and who reaches it can run any code with the cluster's rights. No FlinkJob stands for a job that was started here: nothing
 * watches it, upgrades it or stops it with its state. The image needs `flink-sql-gateway-*.jar` in Flink's `opt` folder, as the official ones have it. Adding, changing or
 * removing it restarts neither the cluster nor its jobs; a change ends the open sessions, which are in its memory alone.
 */
export interface SqlGatewayArgs extends PodArgs {
  /**
   * Memory of the whole process in Flink's grammar (`1g`, `1536m`), as request and limit. 448 MiB of it are for classes, threads and the rest, all others for the
   * heap; options under `env.java.opts.sql-gateway` come later and win. Default: 1g.
   */
  memory?: string;

  /** Its CPU. Default: limit 1, request half of the limit. */
  cpu?: CpuArgs;

  /** Disk for logs and for jars that sessions add, as a Kubernetes quantity; request and limit. Default: 1Gi. */
  ephemeralStorage?: string;
}

export const sqlGatewayShape: ShapeOf<SqlGatewayArgs> = {
  memory: "text",
  cpu: { object: cpuShape },
  ephemeralStorage: "text",
  ...podShape,
};

import type { CpuArgs } from "./cluster";
import { cpuShape, type PodArgs, podShape } from "./pods";
import type { ShapeOf } from "./shape";

/**
 * A Flink SQL Gateway for exploration. Clients open sessions over its REST API or with Flink's JDBC driver,
 * and their statements become jobs of this cluster. It runs as one pod, reachable in the namespace as
 * `<cluster>-sql-gateway`, port 8083. It has no login, and whoever reaches it can run any code with the
 * cluster's rights. So only the peers in `network.sqlGateway` may connect, and never from outside.
 *
 * No FlinkJob manages a job that was started here: nothing watches it, upgrades it or stops it with its
 * state. The image needs `flink-sql-gateway-*.jar` in Flink's `opt` folder, as in the official images.
 * Adding, changing or removing the gateway restarts neither the cluster nor its jobs. A change ends the open
 * sessions, which exist only in its memory.
 */
export interface SqlGatewayArgs extends PodArgs {
  /**
   * Memory of the whole process in Flink's notation (`1g`, `1536m`), as request and limit. 448 MiB of it are
   * for classes, threads and other overhead, the rest for the heap. Options in `env.java.opts.sql-gateway`
   * come later and win. Default: 1g.
   */
  memory?: string;

  /** CPU of the SQL Gateway. Default: limit 1, request half of the limit. */
  cpu?: CpuArgs;

  /**
   * Disk space for logs and for jars that sessions add, as a Kubernetes quantity. It is both request and
   * limit. Default: 1Gi.
   */
  ephemeralStorage?: string;
}

export const sqlGatewayShape: ShapeOf<SqlGatewayArgs> = {
  memory: "text",
  cpu: { object: cpuShape },
  ephemeralStorage: "text",
  ...podShape,
};

import type { FlinkRelease } from "./versions";

/** Flink's ports. All are fixed, so that NetworkPolicies can name them; Flink would choose some at random. */
export const PORTS = {
  rpc: 6123,
  blob: 6124,
  rest: 8081,
  taskManagerRpc: 6122,
  taskManagerData: 6121,
  metricsQuery: 50100,
  historyServer: 8082,
  sqlGateway: 8083,
} as const;

export interface BaseOptions {
  /**
   * The name under which TaskManagers reach the JobManager. Without high availability the JobManager
   * announces itself under it.
   */
  rpcAddress: string;
  /** Slots of each TaskManager. */
  slots: number;
  /** JVM options of both roles, added after the release's own list, which Java 17 needs in full. */
  javaOptions?: string;
  /** `parallelism.default`, for jobs that are not submitted by FlinkJob. */
  parallelism?: number;
}

/**
 * Defaults in every cluster's config.yaml: fixed ports, the release's JVM options, the adaptive scheduler (a
 * job uses TaskManagers as they come and go) and a restart strategy. A lost TaskManager is a failure of the
 * job, and a job without checkpoints would otherwise not restart.
 */
export function baseConfig(release: FlinkRelease, options: BaseOptions): Record<string, string> {
  const { adaptiveScheduler: keys } = release;
  const config: Record<string, string> = {
    "jobmanager.rpc.address": options.rpcAddress,
    "jobmanager.rpc.port": String(PORTS.rpc),
    "blob.server.port": String(PORTS.blob),
    "rest.port": String(PORTS.rest),
    "rest.bind-port": String(PORTS.rest),
    "rest.bind-address": "0.0.0.0",
    "taskmanager.rpc.port": String(PORTS.taskManagerRpc),
    "taskmanager.data.port": String(PORTS.taskManagerData),
    "metrics.internal.query-service.port": String(PORTS.metricsQuery),
    "taskmanager.numberOfTaskSlots": String(options.slots),
    "env.java.opts.all": javaOptions(release, options.javaOptions),
    "jobmanager.scheduler": "adaptive",
    "restart-strategy.type": "exponential-delay",
    // The defaults of Flink 2, set for every version, so that a version change does not change the behaviour.
    [keys.submissionStabilizationTimeout]: "10 s",
    [keys.cooldown]: "30 s",
  };
  if (options.parallelism !== undefined) {
    config["parallelism.default"] = String(options.parallelism);
  }
  return config;
}

/** The release's own JVM options, which are needed in full, followed by the user's. */
export function javaOptions(release: FlinkRelease, added = ""): string {
  return [...release.jvmOptions, added.trim()].filter((option) => option !== "").join(" ");
}

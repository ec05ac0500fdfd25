import type * as pulumi from "@pulumi/pulumi";
import { type AllPodsArgs, allPodsShape } from "./all-pods";
import { type AutoscalingArgs, autoscalingShape } from "./autoscaling";
import { type CheckpointingArgs, checkpointingShape } from "./checkpointing";
import { type ExposureArgs, exposureShape } from "./exposure";
import { type HighAvailabilityArgs, highAvailabilityShape } from "./high-availability";
import { type HistoryServerArgs, historyServerShape } from "./history-server";
import { type MonitoringArgs, monitoringShape } from "./monitoring";
import { type NamespaceArgs, namespaceShape } from "./namespace";
import { type NetworkArgs, networkShape } from "./network";
import { cpuShape, type PodArgs, podShape } from "./pods";
import { type PrepareArgs, prepareShape } from "./prepare";
import { secretKeyShape } from "./secret-key";
import type { ShapeOf } from "./shape";
import { type SqlGatewayArgs, sqlGatewayShape } from "./sql-gateway";
import { type StorageArgs, storageShape } from "./storage";
import {
  type EphemeralVolumeArgs,
  ephemeralVolumeShape,
  type LocalRecoveryArgs,
  localRecoveryShape,
} from "./task-managers";
import { type TlsArgs, tlsShape } from "./tls";

/**
 * A Flink session cluster: one JobManager and a number of TaskManagers that run the jobs submitted to it. The
 * name of the component is the name of the cluster. The names of its Kubernetes objects start with it, so it
 * must be a DNS label of at most 45 characters.
 */
export interface FlinkClusterArgs {
  /**
   * Flink version of the image, with all three numbers, for example `2.2.1`. Supported: 1.20, 2.0, 2.1, 2.2
   * and 2.3. The version determines option names, JVM flags and the memory model. A change restarts the
   * cluster.
   */
  flinkVersion: string;

  /** The namespace of the cluster. Default: a new namespace with the name of the cluster. */
  namespace?: NamespaceArgs;

  /**
   * Container image with this Flink version in /opt/flink, bash and a Java runtime. Default: the official
   * image of the version (`flink:<version>-java<javaVersion>`). A change restarts the cluster.
   */
  image?: string;

  /**
   * Java version of the official image: 11, 17 or 21 for Flink 2; 8, 11 or 17 for 1.20. Cannot be combined
   * with `image`, which has its own Java. Default: 17 (11 for 1.20), as Flink recommends. A change restarts
   * the cluster.
   */
  javaVersion?: number;

  /**
   * When nodes pull the image: `Always`, `IfNotPresent` or `Never`. Default: the Kubernetes default
   * (`IfNotPresent` for a fixed tag).
   */
  imagePullPolicy?: string;

  /**
   * Names of Secrets in the namespace with the credentials for the image registry. The pods of jobs use them
   * too. Default: none.
   */
  imagePullSecrets?: string[];

  /**
   * Settings of all pods, those of jobs included: labels, annotations, nodes and the user. A change restarts
   * JobManager and TaskManagers. It creates no new revision of jobs that survive a JobManager restart.
   * Default: only the settings of each role.
   */
  pods?: AllPodsArgs;

  /** The JobManager: coordinates the jobs, and serves the REST API and web UI. */
  jobManager?: JobManagerArgs;

  /** The TaskManagers: do the work. */
  taskManager?: TaskManagerArgs;

  /**
   * Scales the TaskManagers by CPU use or other metrics. Cannot be combined with `taskManager.replicas`.
   * Turning it on or off keeps the running TaskManagers. Default: no autoscaling; `taskManager.replicas`
   * TaskManagers run.
   */
  autoscaling?: AutoscalingArgs;

  /**
   * Further Flink options: keys as in Flink's `config.yaml`, all values as strings. Plain values go into a
   * ConfigMap. Outputs, secrets, and options that Flink itself masks (passwords, keys, tokens) go into a
   * Secret. Options that belong to an argument or hold the cluster together (addresses, ports) are refused.
   *
   * A change of options under `taskmanager.memory.` affects only TaskManagers, of those under
   * `jobmanager.memory.` only the JobManager. Any other change restarts both.
   *
   * The component sets some defaults that `config` can override. `jobmanager.scheduler: adaptive` and
   * `restart-strategy.type: exponential-delay` let jobs use TaskManagers as they come and go. Without
   * `highAvailability`, `taskmanager.registration.timeout: 2 min` and `cluster.registration.error-delay: 1 s`
   * let TaskManagers and the JobManager find each other quickly.
   */
  config?: { [option: string]: pulumi.Input<string> };

  /**
   * Flink options whose values are in Secrets of the namespace. This program does not read the Secrets: the
   * launcher adds the values when a process starts. A change of a Secret's content takes effect when the pods
   * restart. Default: none.
   */
  configFrom?: { [option: string]: SecretKeyArgs };

  /**
   * Where state is stored that must outlive the pods: checkpoints, savepoints, high-availability data.
   * Default: no durable storage.
   */
  storage?: StorageArgs;

  /**
   * Checkpoints of all jobs of the cluster: interval, mode and state backend. Default: the settings in
   * `config` and in the jobs.
   */
  checkpointing?: CheckpointingArgs;

  /** Lets jobs survive a failure of the JobManager. Needs `storage`. Default: off. */
  highAvailability?: HighAvailabilityArgs;

  /** Encrypts the traffic between the cluster's processes, and the REST API. Default: off. */
  tls?: TlsArgs;

  /** Makes the REST API and web UI reachable from outside the Kubernetes cluster. Default: not reachable. */
  exposure?: ExposureArgs;

  /** Metrics, alerts, dashboard and the log format. Default: no reporters, plain text logs. */
  monitoring?: MonitoringArgs;

  /** A Flink History Server: shows finished jobs, even after their cluster is gone. Default: none. */
  historyServer?: HistoryServerArgs;

  /**
   * A Flink SQL Gateway for exploration: sessions whose statements become jobs of this cluster. Not available
   * in a FlinkApplication. Default: none.
   */
  sqlGateway?: SqlGatewayArgs;

  /** Who may connect to the cluster, and where its pods may connect to. */
  network?: NetworkArgs;

  /** How jobs are stopped with their state before a change that would lose them. */
  prepare?: PrepareArgs;
}

/** One entry of a Secret. */
export interface SecretKeyArgs {
  /** Name of the Secret, in the cluster's namespace. */
  name: string;

  /** Key of the entry in the Secret. */
  key: string;
}

/** CPU of one container, as Kubernetes quantities (`1`, `500m`). */
export interface CpuArgs {
  /** CPU that the scheduler reserves. Autoscaling measures CPU use against it. Default: half of the limit. */
  request?: string;

  /** The most CPU that the container may use. */
  limit?: string;
}

/**
 * The JobManager. A change of any of these settings restarts it; without high availability, that restarts the
 * jobs.
 */
export interface JobManagerArgs extends PodArgs {
  /**
   * Memory of the whole process in Flink's notation (`1600m`, `2g`; Flink's
   * `jobmanager.memory.process.size`). Heap, metaspace and the other parts are derived exactly as Flink
   * derives them. The container gets this amount as its limit and, without `memoryRequest`, as its request.
   * Default: 1600m, unless `config` sizes the memory with other Flink options.
   */
  memory?: string;

  /**
   * Memory that the pod requests from nodes, in the same notation; the limit stays at `memory`. A value below
   * `memory` fits more pods on a node. Kubernetes evicts such pods first when the node runs out of memory,
   * since Flink uses all the memory it is given. Default: all of `memory`.
   */
  memoryRequest?: string;

  /** CPU of the JobManager. Default: limit 1, request half of the limit. */
  cpu?: CpuArgs;

  /**
   * Disk space for logs, temporary files and uploaded jars, as a Kubernetes quantity. It is both request and
   * limit. Default: 1Gi.
   */
  ephemeralStorage?: string;

  /**
   * Number of JobManagers: one leads, the others are standbys that take over when it fails. More than one
   * needs `highAvailability`. Default: 1. A change restarts nothing.
   */
  replicas?: number;
}

/**
 * The TaskManagers. A change of any setting except `replicas` replaces them one after another; the JobManager
 * keeps running.
 */
export interface TaskManagerArgs extends PodArgs {
  /**
   * Memory of the whole process in Flink's notation (`1728m`, `4g`; Flink's
   * `taskmanager.memory.process.size`). Heap, managed memory, network buffers and the other parts are derived
   * exactly as Flink derives them. The container gets this amount as its limit and, without `memoryRequest`,
   * as its request. Default: 1728m, unless `config` sizes the memory with other Flink options.
   */
  memory?: string;

  /**
   * Memory that the pod requests from nodes, in the same notation; the limit stays at `memory`. A value below
   * `memory` fits more pods on a node. Kubernetes evicts such pods first when the node runs out of memory,
   * since Flink uses all the memory it is given. Default: all of `memory`.
   */
  memoryRequest?: string;

  /** CPU of each TaskManager. Default: limit one core per slot, request half of the limit. */
  cpu?: CpuArgs;

  /**
   * Slots of each TaskManager: the number of parallel pipelines that it runs (Flink's
   * `taskmanager.numberOfTaskSlots`). Default: 1.
   */
  slots?: number;

  /**
   * Number of TaskManagers without `autoscaling`. A change starts or stops TaskManagers, and jobs rescale. If
   * somebody scales by hand, the next change of the TaskManagers sets the number given here again. Default: a
   * new cluster starts with 1. Later the current number stays, for example one set by `kubectl scale` or left
   * by an autoscaler that was turned off.
   */
  replicas?: number;

  /**
   * Disk space for logs, temporary files and local state (RocksDB), as a Kubernetes quantity. It is both
   * request and limit. Data on the volumes of `localRecovery` and `ephemeralVolume` does not count. Default:
   * 2Gi.
   */
  ephemeralStorage?: string;

  /** A volume for temporary files and local state (RocksDB) instead of the node's disk. Default: none. */
  ephemeralVolume?: EphemeralVolumeArgs;

  /**
   * A persistent volume for each TaskManager, so that jobs recover from local copies of their state (Flink's
   * `execution.state-recovery.from-local`). The TaskManagers then form a StatefulSet. Any change of this
   * setting replaces all TaskManagers at once. Default: none.
   */
  localRecovery?: LocalRecoveryArgs;

  /**
   * Seconds that a terminating TaskManager (fewer replicas, a change, a drained node) waits for a checkpoint
   * of its jobs. The jobs continue from that checkpoint. It is requested only if the jobs make checkpoints
   * and the last one is more than a few seconds old. If it fails, shutdown proceeds. 0 requests none.
   * Default: 20. The pods' termination grace period is 30 s longer.
   */
  scaleDownCheckpointSeconds?: number;
}

const jobManager: ShapeOf<JobManagerArgs> = {
  memory: "text",
  memoryRequest: "text",
  cpu: { object: cpuShape },
  ephemeralStorage: "text",
  replicas: "number",
  ...podShape,
};

const taskManager: ShapeOf<TaskManagerArgs> = {
  ...jobManager,
  slots: "number",
  ephemeralVolume: { object: ephemeralVolumeShape },
  localRecovery: { object: localRecoveryShape },
  scaleDownCheckpointSeconds: "number",
};

export const clusterShape: ShapeOf<FlinkClusterArgs> = {
  flinkVersion: "text",
  namespace: { object: namespaceShape },
  image: "text",
  javaVersion: "number",
  imagePullPolicy: "text",
  imagePullSecrets: "textList",
  pods: { object: allPodsShape },
  jobManager: { object: jobManager },
  taskManager: { object: taskManager },
  autoscaling: { object: autoscalingShape },
  config: "inputMap",
  configFrom: { map: secretKeyShape },
  storage: { object: storageShape },
  checkpointing: { object: checkpointingShape },
  highAvailability: { object: highAvailabilityShape },
  tls: { object: tlsShape },
  exposure: { object: exposureShape },
  monitoring: { object: monitoringShape },
  historyServer: { object: historyServerShape },
  sqlGateway: { object: sqlGatewayShape },
  network: { object: networkShape },
  prepare: { object: prepareShape },
};

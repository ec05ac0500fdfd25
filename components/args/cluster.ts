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
 * A Flink session cluster: one JobManager and a number of TaskManagers that run the jobs given to it. The name of the
 * component is the name of the cluster and the beginning of the names of its Kubernetes objects (a DNS label of at most 45 letters).
 */
export interface FlinkClusterArgs {
  /**
   * Version of Flink in the image, all three numbers, for example `2.2.1`. Supported: 1.20, 2.0, 2.1, 2.2 and 2.3. It decides the names
   * of options, the JVM flags and the memory model. Changing it restarts the cluster.
   */
  flinkVersion: string;

  /** Where the cluster lives. Default: a new namespace with the name of the cluster. */
  namespace?: NamespaceArgs;

  /**
   * Container image with that version of Flink in /opt/flink, bash and a Java runtime. Default: the official image of the
   * version (`flink:<version>-java<javaVersion>`). Changing it restarts the cluster.
   */
  image?: string;

  /**
   * Java version of the official image: 11, 17 or 21 for Flink 2; 8, 11 or 17 for 1.20. Not together with `image`, which has a
   * Java of its own. Default: 17 (11 for 1.20), what Flink recommends. Changing it restarts the cluster.
   */
  javaVersion?: number;

  /** When nodes pull the image: `Always`, `IfNotPresent` or `Never`. Default: what Kubernetes does (`IfNotPresent` for a fixed tag). */
  imagePullPolicy?: string;

  /** Names of Secrets in the namespace with the credentials for the image registry; the pods of jobs use them too. Default: none. */
  imagePullSecrets?: string[];

  /**
   * What every pod has, those of jobs too: labels and annotations, nodes, the user. Changing it restarts JobManager and TaskManagers, but starts no new revision
   * of jobs where these outlive the JobManager. Default: nothing besides what the roles say.
   */
  pods?: AllPodsArgs;

  /** The JobManager: coordinates the jobs, serves REST API and web UI. */
  jobManager?: JobManagerArgs;

  /** The TaskManagers: do the work. */
  taskManager?: TaskManagerArgs;

  /**
   * Scales the TaskManagers by their CPU use or other metrics. Default: not given, and then `taskManager.replicas` are run. Cannot be given
   * together with `taskManager.replicas`. Turning it on or off keeps the running TaskManagers.
   */
  autoscaling?: AutoscalingArgs;

  /**
   * Further Flink options (keys as in Flink's `config.yaml`, all values as strings). Plain values go into a ConfigMap; Outputs,
   * secrets, and options that Flink itself masks (passwords, keys, tokens) go into a Secret. Options that belong to an argument
   * or that hold the cluster together (addresses, ports) are refused. Options under `taskmanager.memory.` change only TaskManagers, those under
   * `jobmanager.memory.` only the JobManager; any other change restarts both. Defaults set here and open to change:
   * `jobmanager.scheduler: adaptive` and `restart-strategy.type: exponential-delay`, so that jobs use TaskManagers as they come and go; and without
   * `highAvailability` `taskmanager.registration.timeout: 2 min` and
   * `cluster.registration.error-delay: 1 s`, so that TaskManagers and the JobManager find each other soon.
   */
  config?: { [option: string]: pulumi.Input<string> };

  /**
   * Flink options whose values stand in Secrets of the namespace that this program does not read: the launcher adds them when a process
   * starts. Changing the Secret's content takes effect when the pods restart. Default: none.
   */
  configFrom?: { [option: string]: SecretKeyArgs };

  /** Where state lives that must outlast pods: checkpoints, savepoints, data of high availability. Default: nowhere. */
  storage?: StorageArgs;

  /** Checkpoints of all jobs of the cluster: how often, how, and what state backend. Default: what `config` and the jobs say. */
  checkpointing?: CheckpointingArgs;

  /** Lets jobs survive the JobManager. Needs `storage`. Default: off. */
  highAvailability?: HighAvailabilityArgs;

  /** Encrypts what the cluster's processes say to each other, and the REST API. Default: off. */
  tls?: TlsArgs;

  /** Makes the REST API and web UI reachable from outside the Kubernetes cluster. Default: not reachable. */
  exposure?: ExposureArgs;

  /** Metrics, alerts, dashboard and the form of the logs. Default: no reporters, plain logs. */
  monitoring?: MonitoringArgs;

  /** A Flink History Server: shows jobs that have ended, also after their cluster has gone. Default: none. */
  historyServer?: HistoryServerArgs;

  /** A Flink SQL Gateway, for exploring: sessions whose statements become jobs of this cluster. Not in a FlinkApplication. Default: none. */
  sqlGateway?: SqlGatewayArgs;

  /** Who may talk to the cluster, and whom it may talk to. */
  network?: NetworkArgs;

  /** How jobs are stopped with their state before a change that would lose them. */
  prepare?: PrepareArgs;
}

/** One entry of a Secret. */
export interface SecretKeyArgs {
  /** Name of the Secret, in the cluster's namespace. */
  name: string;

  /** Key of the entry. */
  key: string;
}

/** CPU of one container, as Kubernetes quantities (`1`, `500m`). */
export interface CpuArgs {
  /** What the scheduler reserves, and what autoscaling measures use against. Default: half of the limit. */
  request?: string;

  /** What the container may use at most. */
  limit?: string;
}

/** The JobManager. A change of any of these restarts it, and without high availability that restarts the jobs. */
export interface JobManagerArgs extends PodArgs {
  /**
   * Memory of the whole process in Flink's grammar (`1600m`, `2g`; Flink's `jobmanager.memory.process.size`). Heap, metaspace and the rest are
   * derived exactly as Flink does; the container gets this much as limit and, without `memoryRequest`, as request. Default: 1600m, unless `config`
   * sizes the memory in another of Flink's ways.
   */
  memory?: string;

  /**
   * How much of that memory nodes must have free for the pod, in the same grammar; the limit stays. Less than `memory` fits more pods on a node, and Kubernetes ends those first when
   * the node runs out of memory, since Flink takes all that it was given. Default: all of it.
   */
  memoryRequest?: string;

  /** Its CPU. Default: limit 1, request half of the limit. */
  cpu?: CpuArgs;

  /** Disk for logs, temporary files and uploaded jars, as a Kubernetes quantity; request and limit. Default: 1Gi. */
  ephemeralStorage?: string;

  /**
   * How many JobManagers there are: one leads, the others stand by and take over when it is gone. More than one needs
   * `highAvailability`. Default: 1. Changing it restarts nothing.
   */
  replicas?: number;
}

/** The TaskManagers. A change of any of these but `replicas` replaces them one after another; the JobManager goes on. */
export interface TaskManagerArgs extends PodArgs {
  /**
   * Memory of the whole process in Flink's grammar (`1728m`, `4g`; Flink's `taskmanager.memory.process.size`). Heap, managed memory, network buffers
   * and the rest are derived exactly as Flink does; the container gets this much as limit and, without `memoryRequest`, as request. Default: 1728m, unless
   * `config` sizes the memory in another of Flink's ways.
   */
  memory?: string;

  /**
   * How much of that memory nodes must have free for the pod, in the same grammar; the limit stays. Less than `memory` fits more pods on a node, and Kubernetes ends those first when
   * the node runs out of memory, since Flink takes all that it was given. Default: all of it.
   */
  memoryRequest?: string;

  /** CPU of each. Default: limit one core per slot, request half of the limit. */
  cpu?: CpuArgs;

  /** Slots of each, that is, how many parallel pipelines of jobs it runs (Flink's `taskmanager.numberOfTaskSlots`). Default: 1. */
  slots?: number;

  /**
   * How many there are, when `autoscaling` is not given. Default: a new cluster begins with 1, and what runs then stays, whether
   * `kubectl scale` or an autoscaler that has been turned off left it so. A number given here is set again by the next change of the
   * TaskManagers. Changing it starts or stops TaskManagers; jobs rescale.
   */
  replicas?: number;

  /**
   * Disk for logs, temporary files and local state (RocksDB), as a Kubernetes quantity; request and limit. What `localRecovery` and
   * `ephemeralVolume` hold does not count. Default: 2Gi.
   */
  ephemeralStorage?: string;

  /** A volume for temporary files and local state (RocksDB) in place of the node's disk. Default: none. */
  ephemeralVolume?: EphemeralVolumeArgs;

  /**
   * A volume that stays, so that jobs recover from local copies of their state (Flink's `execution.state-recovery.from-local`). The
   * TaskManagers are then a StatefulSet. Turning it on or off, or changing it, replaces the TaskManagers all at once. Default: none.
   */
  localRecovery?: LocalRecoveryArgs;

  /**
   * How long a TaskManager that is to stop (fewer replicas, a change, a drained node) waits for a checkpoint of the jobs that it works for, in
   * seconds. They go on from there. It is asked for only where jobs make checkpoints and the last one is older than a few
   * seconds, and its failing stops nothing. 0: none. Default: 20. The pods' time to stop is this and 30 s more.
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

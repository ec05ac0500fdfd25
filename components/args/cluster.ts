import type * as pulumi from "@pulumi/pulumi";
import { type NetworkArgs, networkShape } from "./network";
import type { ShapeOf } from "./shape";

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
   * version (`flink:<version>-java17`; Java 11 for 1.20). Changing it restarts the cluster.
   */
  image?: string;

  /** When nodes pull the image: `Always`, `IfNotPresent` or `Never`. Default: what Kubernetes does (`IfNotPresent` for a fixed tag). */
  imagePullPolicy?: string;

  /** Names of Secrets in the namespace with the credentials for the image registry. Default: none. */
  imagePullSecrets?: string[];

  /** The JobManager: coordinates the jobs, serves REST API and web UI. */
  jobManager?: JobManagerArgs;

  /** The TaskManagers: do the work. */
  taskManager?: TaskManagerArgs;

  /**
   * Scales the TaskManagers by their CPU use (a HorizontalPodAutoscaler). Default: not given, and then `taskManager.replicas`
   * are run. Cannot be given together with `taskManager.replicas`. Turning it on or off keeps the running TaskManagers.
   */
  autoscaling?: AutoscalingArgs;

  /**
   * Further Flink options (keys as in Flink's `config.yaml`, all values as strings). Plain values go into a ConfigMap; Outputs,
   * secrets, and options that Flink itself masks (passwords, keys, tokens) go into a Secret. Options that belong to an argument
   * or that hold the cluster together (addresses, ports) are refused. Options under `taskmanager.memory.` change only TaskManagers, those under
   * `jobmanager.memory.` only the JobManager; any other change restarts both. Defaults set here and open to change:
   * `jobmanager.scheduler: adaptive` and `restart-strategy.type: exponential-delay`, so that jobs use TaskManagers as they come and go.
   */
  config?: { [option: string]: pulumi.Input<string> };

  /** Who may talk to the cluster, and whom it may talk to. */
  network?: NetworkArgs;
}

/** The namespace that a cluster lives in. */
export interface NamespaceArgs {
  /** Name of the namespace. Default: the name of the cluster. Changing it moves the cluster: everything is made anew. */
  name?: string;

  /**
   * Whether to create it. A created one enforces the Pod Security Standard `restricted`, and goes away with the cluster. An existing one
   * (false) is used as it is: nothing is added to it but the cluster's own objects. Default: true.
   */
  create?: boolean;
}

/** CPU of one container, as Kubernetes quantities (`1`, `500m`). */
export interface CpuArgs {
  /** What the scheduler reserves, and what autoscaling measures use against. Default: half of the limit. */
  request?: string;

  /** What the container may use at most. */
  limit?: string;
}

/** The JobManager. A change of any of these restarts it, and without high availability that restarts the jobs. */
export interface JobManagerArgs {
  /**
   * Memory of the whole process in Flink's grammar (`1600m`, `2g`; Flink's `jobmanager.memory.process.size`). Heap, metaspace and the rest are
   * derived exactly as Flink does; the container gets this much as request and limit. Default: 1600m, unless `config`
   * sizes the memory in another of Flink's ways.
   */
  memory?: string;

  /** Its CPU. Default: limit 1, request half of the limit. */
  cpu?: CpuArgs;

  /** Disk for logs, temporary files and uploaded jars, as a Kubernetes quantity; request and limit. Default: 1Gi. */
  ephemeralStorage?: string;

  /** Environment variables of the container, plain values. For secrets use `config`. Default: none. */
  environment?: { [name: string]: string };

  /** Further labels on the pod. Default: none. */
  podLabels?: { [label: string]: string };

  /** Further annotations on the pod. Default: none. */
  podAnnotations?: { [annotation: string]: string };
}

/** The TaskManagers. A change of any of these but `replicas` replaces them one after another; the JobManager goes on. */
export interface TaskManagerArgs {
  /**
   * Memory of the whole process in Flink's grammar (`1728m`, `4g`; Flink's `taskmanager.memory.process.size`). Heap, managed memory, network buffers
   * and the rest are derived exactly as Flink does; the container gets this much as request and limit. Default: 1728m, unless
   * `config` sizes the memory in another of Flink's ways.
   */
  memory?: string;

  /** CPU of each. Default: limit one core per slot, request half of the limit. */
  cpu?: CpuArgs;

  /** Slots of each, that is, how many parallel pipelines of jobs it runs (Flink's `taskmanager.numberOfTaskSlots`). Default: 1. */
  slots?: number;

  /**
   * How many there are, when `autoscaling` is not given. Default: 1. A number set by `kubectl scale` stays until the next
   * change of the TaskManagers, which sets this one again. Changing it starts or stops TaskManagers; jobs rescale.
   */
  replicas?: number;

  /**
   * Disk for logs, temporary files and local state (RocksDB), as a Kubernetes quantity; request and limit. Default: 2Gi.
   */
  ephemeralStorage?: string;

  /** Environment variables of the container, plain values. For secrets use `config`. Default: none. */
  environment?: { [name: string]: string };

  /** Further labels on the pods. Default: none. */
  podLabels?: { [label: string]: string };

  /** Further annotations on the pods. Default: none. */
  podAnnotations?: { [annotation: string]: string };
}

/** How TaskManagers follow the load. A change takes effect in place. */
export interface AutoscalingArgs {
  /** Fewest TaskManagers, at least 1, and the number to begin with. Default: 1. */
  minReplicas?: number;

  /** Most TaskManagers. With the slots of each it bounds the parallelism that is of use to a job. */
  maxReplicas: number;

  /** Average CPU use that is aimed at, in percent of the CPU request (`taskManager.cpu.request`). Default: 80. */
  cpuUtilization?: number;

  /**
   * How long more TaskManagers must have been wanted before some are added, in seconds. Every change restarts the jobs from their last
   * checkpoint, and a start is itself busy; Flink waits 30 s between two rescalings. Default: 60.
   */
  scaleUpStabilizationSeconds?: number;

  /** How long fewer TaskManagers must have been enough before some are removed, in seconds. Default: 300, as Kubernetes'. */
  scaleDownStabilizationSeconds?: number;
}

const cpu: ShapeOf<CpuArgs> = { request: "text", limit: "text" };

const jobManager: ShapeOf<JobManagerArgs> = {
  memory: "text",
  cpu: { object: cpu },
  ephemeralStorage: "text",
  environment: "textMap",
  podLabels: "textMap",
  podAnnotations: "textMap",
};

const taskManager: ShapeOf<TaskManagerArgs> = { ...jobManager, slots: "number", replicas: "number" };

const autoscaling: ShapeOf<AutoscalingArgs> = {
  minReplicas: "number",
  maxReplicas: "number",
  cpuUtilization: "number",
  scaleUpStabilizationSeconds: "number",
  scaleDownStabilizationSeconds: "number",
};

const namespace: ShapeOf<NamespaceArgs> = { name: "text", create: "boolean" };

export const clusterShape: ShapeOf<FlinkClusterArgs> = {
  flinkVersion: "text",
  namespace: { object: namespace },
  image: "text",
  imagePullPolicy: "text",
  imagePullSecrets: "textList",
  jobManager: { object: jobManager },
  taskManager: { object: taskManager },
  autoscaling: { object: autoscaling },
  config: "inputMap",
  network: { object: networkShape },
};

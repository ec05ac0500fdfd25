import type { autoscaling, core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { type JobManagerMemory, type TaskManagerMemory } from "../flink/memory";
import type { FlinkRelease } from "../flink/versions";
import type { OptionSource } from "./additions";
import type { AllPodsArgs, PodUserArgs } from "./all-pods";
import type { ApplicationModel } from "./check-application";
import type { ExposureModel } from "./check-exposure";
import type { HighAvailabilityModel } from "./check-high-availability";
import type { StorageModel } from "./check-storage";
import type { HistoryServerModel } from "./check-history-server";
import type { SqlGatewayModel } from "./check-sql-gateway";
import type { MonitoringModel } from "./check-monitoring";
import type { KedaArgs } from "./keda";
import type { LimitRangeArgs } from "./namespace";
import type { NetworkArgs } from "./network";
import type { PrepareModel } from "./check-prepare";
import type { TlsModel } from "./check-tls";

/** A cluster's arguments after validation: all defaults filled in, all derived values computed. */
export interface ClusterModel {
  name: string;
  namespace: { name: string; create: boolean } & NamespaceModel;
  release: FlinkRelease;
  image: string;
  imagePullPolicy?: string;
  imagePullSecrets: string[];
  /** The part of the namespace's quota that is left for jobs. */
  quotaLeft?: Record<string, string>;
  /** The user of the processes. */
  user?: PodUserArgs;
  /** Settings that pods other than JobManagers and TaskManagers inherit. */
  followed: AllPodsArgs;
  jobManager: RoleModel<JobManagerMemory> & {
    replicas: number;
    /** Host name of its pod, by which TaskManagers find it. Not used with high availability. */
    hostname?: string;
  };
  taskManager: RoleModel<TaskManagerMemory> & { slots: number };
  taskManagers: TaskManagersModel;
  /** Number of TaskManagers: fixed, or an autoscaler's bounds. */
  scaling: ScalingModel;
  /** Options that are Outputs or that Flink masks. Both roles read them from a Secret. */
  secretOptions: Record<string, pulumi.Input<string>>;
  network: Required<Pick<NetworkArgs, "policies">> & NetworkArgs;
  storage?: StorageModel;
  highAvailability?: HighAvailabilityModel;
  tls?: TlsModel;
  exposure?: ExposureModel;
  monitoring?: MonitoringModel;
  historyServer?: HistoryServerModel;
  sqlGateway?: SqlGatewayModel;
  /** The job of an application. Without it, jobs are submitted to the cluster. */
  application?: ApplicationModel;
  prepare: PrepareModel;
}

/** Settings of a created namespace. */
export interface NamespaceModel {
  protect: boolean;
  /** Whether the namespace stays when the stack no longer contains it. */
  retain: boolean;
  quota?: Record<string, string>;
  limitRange?: LimitRangeArgs;
}

export interface RoleModel<Memory> {
  /** config.yaml of this role, without the secret options. */
  options: Record<string, string>;
  memory: Memory;
  /** Bytes that the pod requests, if fewer than the process size. */
  memoryRequest?: number;
  /** In thousandths of a core. */
  cpu: { request: number; limit: number };
  ephemeralStorage: string;
  /** Options whose values the launcher reads from Secrets. */
  optionsFrom: OptionSource[];
  pod: PodModel;
}

/** Settings of a role's pods from the arguments and features, on top of those of every Flink pod. */
export interface PodModel {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** A variable without a value has its value in `secretEnv`. */
  env: core.v1.EnvVar[];
  /** Confidential values of variables, by the variable's name. */
  secretEnv: Record<string, pulumi.Input<string>>;
  envFrom: core.v1.EnvFromSource[];
  ports: { name: string; containerPort: number }[];
  volumes: core.v1.Volume[];
  volumeMounts: core.v1.VolumeMount[];
  initContainers: core.v1.Container[];
  sidecars: core.v1.Container[];
  /** Additional jars on the class path. */
  extraJars: string[];
  scheduling: Pick<
    core.v1.PodSpec,
    "nodeSelector" | "tolerations" | "affinity" | "topologySpreadConstraints" | "priorityClassName"
  >;
  serviceAccount: { name: string; create: boolean; annotations: Record<string, string> };
  /** Whether the pods get a token for the Kubernetes API server. */
  usesApiServer: boolean;
  /** The checked strategic merge patch of the whole pod. */
  patch?: object;
}

export type ScalingModel = FixedScalingModel | AutoscalingModel;

export interface FixedScalingModel {
  replicas: number;
  /**
   * Whether the program sets the number. If not, a new cluster starts with `replicas`, and later the current
   * number stays.
   */
  given: boolean;
}

export interface AutoscalingModel {
  minReplicas: number;
  maxReplicas: number;
  /** Empty with KEDA, which derives them from its triggers. */
  metrics: autoscaling.v2.MetricSpec[];
  behavior: autoscaling.v2.HorizontalPodAutoscalerBehavior;
  keda?: KedaArgs;
}

/** Settings that only TaskManagers have: a volume each, and a checkpoint before they stop. */
export interface TaskManagersModel {
  /** Seconds that a terminating TaskManager waits for a checkpoint of its jobs. 0: it does not wait. */
  checkpointSeconds: number;
  /** A volume that comes back with the pod of the same ordinal. Makes the TaskManagers a StatefulSet. */
  localRecovery?: VolumeModel;
  /** A volume that is created and deleted with its pod, instead of the node's disk. */
  ephemeralVolume?: VolumeModel;
}

export interface VolumeModel {
  size: string;
  storageClass?: string;
}

/** Whether the namespace stays when the stack is destroyed. */
export function namespaceStays({ namespace }: ClusterModel): boolean {
  return !namespace.create || namespace.retain;
}

/** The largest number of TaskManagers. */
export function maximumReplicas(model: ClusterModel): number {
  return "replicas" in model.scaling ? model.scaling.replicas : model.scaling.maxReplicas;
}

/**
 * The default savepoint directory. The second option is the name before Flink 1.20, which every version still
 * reads.
 */
export function savepointDirectory({ jobManager: { options } }: ClusterModel): string | undefined {
  return options["execution.checkpointing.savepoint-dir"] ?? options["state.savepoints.dir"];
}

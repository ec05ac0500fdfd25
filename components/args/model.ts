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

/** A cluster's arguments after validation: every default filled in, everything derived that follows from them. */
export interface ClusterModel {
  name: string;
  namespace: { name: string; create: boolean } & NamespaceModel;
  release: FlinkRelease;
  image: string;
  imagePullPolicy?: string;
  imagePullSecrets: string[];
  /** What is left of the namespace's quota for jobs. */
  quotaLeft?: Record<string, string>;
  /** The user that processes run as. */
  user?: PodUserArgs;
  /** What pods beside JobManagers and TaskManagers have where their own arguments say nothing. */
  followed: AllPodsArgs;
  jobManager: RoleModel<JobManagerMemory> & {
    replicas: number;
    /** Name of its pod, which TaskManagers know it by; with high availability they find it otherwise. */
    hostname?: string;
  };
  taskManager: RoleModel<TaskManagerMemory> & { slots: number };
  taskManagers: TaskManagersModel;
  /** How many TaskManagers: a number, or an autoscaler's bounds. */
  scaling: ScalingModel;
  /** Options that are Outputs or that Flink masks; both roles read them from a Secret. */
  secretOptions: Record<string, pulumi.Input<string>>;
  network: Required<Pick<NetworkArgs, "policies">> & NetworkArgs;
  storage?: StorageModel;
  highAvailability?: HighAvailabilityModel;
  tls?: TlsModel;
  exposure?: ExposureModel;
  monitoring?: MonitoringModel;
  historyServer?: HistoryServerModel;
  sqlGateway?: SqlGatewayModel;
  /** The job that the JobManager carries. Without it, jobs are submitted to the cluster. */
  application?: ApplicationModel;
  prepare: PrepareModel;
}

/** What a namespace of our own is given. */
export interface NamespaceModel {
  protect: boolean;
  /** Whether it stays when the stack lets it go. */
  retain: boolean;
  quota?: Record<string, string>;
  limitRange?: LimitRangeArgs;
}

export interface RoleModel<Memory> {
  /** What config.yaml of this role says, without the secret options. */
  options: Record<string, string>;
  memory: Memory;
  /** Bytes that nodes must have free, where these are fewer than the process takes. */
  memoryRequest?: number;
  /** Thousandths of a core. */
  cpu: { request: number; limit: number };
  ephemeralStorage: string;
  /** Options whose values the launcher takes from Secrets. */
  optionsFrom: OptionSource[];
  pod: PodModel;
}

/** What is on a role's pods besides what every Flink pod has: from the arguments and from the features. */
export interface PodModel {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** A variable without a value has it in `secretEnv`. */
  env: core.v1.EnvVar[];
  /** Values of variables that may not be read by everybody, by the variable's name. */
  secretEnv: Record<string, pulumi.Input<string>>;
  envFrom: core.v1.EnvFromSource[];
  ports: { name: string; containerPort: number }[];
  volumes: core.v1.Volume[];
  volumeMounts: core.v1.VolumeMount[];
  initContainers: core.v1.Container[];
  sidecars: core.v1.Container[];
  /** Jars on the class path besides those of the image. */
  extraJars: string[];
  scheduling: Pick<
    core.v1.PodSpec,
    "nodeSelector" | "tolerations" | "affinity" | "topologySpreadConstraints" | "priorityClassName"
  >;
  serviceAccount: { name: string; create: boolean; annotations: Record<string, string> };
  /** Whether the pods get a token for the Kubernetes API server. */
  usesApiServer: boolean;
  /** Strategic merge patch of the whole pod, checked. */
  patch?: object;
}

export type ScalingModel = FixedScalingModel | AutoscalingModel;

export interface FixedScalingModel {
  replicas: number;
  /** Whether the program says how many. If not, `replicas` is what a new cluster begins with, and what runs stays. */
  given: boolean;
}

export interface AutoscalingModel {
  minReplicas: number;
  maxReplicas: number;
  /** None with KEDA, which makes them of its triggers. */
  metrics: autoscaling.v2.MetricSpec[];
  behavior: autoscaling.v2.HorizontalPodAutoscalerBehavior;
  keda?: KedaArgs;
}

/** What TaskManagers have and JobManagers have not: a volume each, and something to do before they stop. */
export interface TaskManagersModel {
  /** How long one that is to stop waits for a checkpoint of its jobs, in seconds. 0: not at all. */
  checkpointSeconds: number;
  /** A volume that is there again when the pod of that number comes back. Makes them a StatefulSet. */
  localRecovery?: VolumeModel;
  /** A volume of a pod, which goes with it, in place of the node's own disk. */
  ephemeralVolume?: VolumeModel;
}

export interface VolumeModel {
  size: string;
  storageClass?: string;
}

/** Whether the namespace is there when the stack is not. */
export function namespaceStays({ namespace }: ClusterModel): boolean {
  return !namespace.create || namespace.retain;
}

/** The most TaskManagers that there can be. */
export function maximumReplicas(model: ClusterModel): number {
  return "replicas" in model.scaling ? model.scaling.replicas : model.scaling.maxReplicas;
}

/** Where savepoints go when nobody says otherwise. The second name is that of Flink before 1.20, which every version still reads. */
export function savepointDirectory({ jobManager: { options } }: ClusterModel): string | undefined {
  return options["execution.checkpointing.savepoint-dir"] ?? options["state.savepoints.dir"];
}

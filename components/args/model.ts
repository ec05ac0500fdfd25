import type * as pulumi from "@pulumi/pulumi";
import { type JobManagerMemory, type TaskManagerMemory } from "../flink/memory";
import type { FlinkRelease } from "../flink/versions";
import type { NetworkArgs } from "./network";

/** A cluster's arguments after validation: every default filled in, everything derived that follows from them. */
export interface ClusterModel {
  name: string;
  namespace: { name: string; create: boolean };
  release: FlinkRelease;
  image: string;
  imagePullPolicy?: string;
  imagePullSecrets: string[];
  jobManager: RoleModel<JobManagerMemory>;
  taskManager: RoleModel<TaskManagerMemory> & { slots: number };
  /** How many TaskManagers: a number, or an autoscaler's bounds. */
  scaling: { replicas: number } | AutoscalingModel;
  /** Options that are Outputs or that Flink masks; both roles read them from a Secret. */
  secretOptions: Record<string, pulumi.Input<string>>;
  network: Required<Pick<NetworkArgs, "policies">> & NetworkArgs;
}

export interface RoleModel<Memory> {
  /** What config.yaml of this role says, without the secret options. */
  options: Record<string, string>;
  memory: Memory;
  /** Thousandths of a core. */
  cpu: { request: number; limit: number };
  ephemeralStorage: string;
  environment: Record<string, string>;
  podLabels: Record<string, string>;
  podAnnotations: Record<string, string>;
}

export interface AutoscalingModel {
  minReplicas: number;
  maxReplicas: number;
  cpuUtilization: number;
  scaleUpStabilizationSeconds: number;
  scaleDownStabilizationSeconds: number;
}

/** The most TaskManagers that there can be. */
export function maximumReplicas(model: ClusterModel): number {
  return "replicas" in model.scaling ? model.scaling.replicas : model.scaling.maxReplicas;
}

import type { core } from "@pulumi/kubernetes/types/input";
import type { FlinkRelease } from "../flink/versions";
import type { Problem } from "../problems";
import type { FlinkClusterArgs } from "./cluster";

/** Input of every feature's check. */
export interface Context {
  /** Name of the cluster. */
  name: string;
  namespace: { name: string; create: boolean };
  release: FlinkRelease;
  image: string;
  /** The arguments, with the right types but not yet checked. */
  args: FlinkClusterArgs;
  /** Project and stack of the program. They distinguish this cluster from one of the same name elsewhere. */
  stack: string;
}

/** Problems and warnings that a feature reports. */
export interface Findings {
  problems: Problem[];
  /** Settings that work but are probably not intended. */
  warnings: Problem[];
}

/** A Flink option whose value is in a Secret. The launcher reads it when the process starts. */
export interface OptionSource {
  option: string;
  secretName: string;
  key: string;
}

/** What a feature adds to one role. */
export interface RoleAdditions {
  /** Flink options that belong to the feature's argument. Setting them in `config` too is an error. */
  options?: Record<string, string>;
  /** Flink options that `config` may override. */
  defaults?: Record<string, string>;
  optionsFrom?: OptionSource[];
  env?: core.v1.EnvVar[];
  volumes?: core.v1.Volume[];
  volumeMounts?: core.v1.VolumeMount[];
  initContainers?: core.v1.Container[];
  sidecars?: core.v1.Container[];
  ports?: { name: string; containerPort: number }[];
  annotations?: Record<string, string>;
  /** Whether the pods use the Kubernetes API server and need a token. */
  usesApiServer?: boolean;
}

/** What a feature adds to the pods of a cluster. */
export interface Additions {
  /** The argument that owns the options, for messages: `storage`. */
  argument: string;
  jobManager: RoleAdditions;
  taskManager: RoleAdditions;
}

/** Result of a feature's check: additions to the pods, and a model for the feature's own objects. */
export interface Feature<Model> {
  additions: Additions;
  /** Absent if the argument is missing or wrong. */
  model?: Model;
}

/** The same additions for both roles. */
export function forBoth(argument: string, both: RoleAdditions): Additions {
  return { argument, jobManager: both, taskManager: both };
}

/** Merges all additions to one role, in the order of the features. */
export function combine(list: RoleAdditions[]): Required<RoleAdditions> {
  return {
    options: Object.assign({}, ...list.map(({ options }) => options)) as Record<string, string>,
    defaults: Object.assign({}, ...list.map(({ defaults }) => defaults)) as Record<string, string>,
    optionsFrom: list.flatMap(({ optionsFrom }) => optionsFrom ?? []),
    env: list.flatMap(({ env }) => env ?? []),
    volumes: list.flatMap(({ volumes }) => volumes ?? []),
    volumeMounts: list.flatMap(({ volumeMounts }) => volumeMounts ?? []),
    initContainers: list.flatMap(({ initContainers }) => initContainers ?? []),
    sidecars: list.flatMap(({ sidecars }) => sidecars ?? []),
    ports: list.flatMap(({ ports }) => ports ?? []),
    annotations: Object.assign({}, ...list.map(({ annotations }) => annotations)) as Record<string, string>,
    usesApiServer: list.some(({ usesApiServer }) => usesApiServer),
  };
}

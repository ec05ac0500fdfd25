import type { core } from "@pulumi/kubernetes/types/input";
import type { FlinkRelease } from "../flink/versions";
import type { Problem } from "../problems";
import type { FlinkClusterArgs } from "./cluster";

/** What every feature may look at while it checks its arguments. */
export interface Context {
  /** Name of the cluster. */
  name: string;
  namespace: { name: string; create: boolean };
  release: FlinkRelease;
  image: string;
  /** The arguments as given, well-typed but not yet checked. */
  args: FlinkClusterArgs;
  /** Project and stack of the program: what tells this cluster from one of the same name elsewhere. */
  stack: string;
}

/** Where a feature says what is wrong. */
export interface Findings {
  problems: Problem[];
  /** Things that work but are probably not meant. */
  warnings: Problem[];
}

/** A Flink option whose value only a Secret knows; the launcher reads it when the process starts. */
export interface OptionSource {
  option: string;
  secretName: string;
  key: string;
}

/** What a feature adds to one role. */
export interface RoleAdditions {
  /** Flink options that belong to the feature's argument: giving them in `config` too is a mistake. */
  options?: Record<string, string>;
  /** Flink options that `config` may give otherwise. */
  defaults?: Record<string, string>;
  optionsFrom?: OptionSource[];
  env?: core.v1.EnvVar[];
  volumes?: core.v1.Volume[];
  volumeMounts?: core.v1.VolumeMount[];
  initContainers?: core.v1.Container[];
  sidecars?: core.v1.Container[];
  ports?: { name: string; containerPort: number }[];
  annotations?: Record<string, string>;
  /** Whether the pods talk to the Kubernetes API server and need a token. */
  usesApiServer?: boolean;
}

/** What a feature adds to the pods of a cluster. */
export interface Additions {
  /** The argument that the options belong to, for messages: `storage`. */
  argument: string;
  jobManager: RoleAdditions;
  taskManager: RoleAdditions;
}

/** What became of a feature's argument: what it adds to the pods, and what objects of its own need to know. */
export interface Feature<Model> {
  additions: Additions;
  /** Not there when the argument was not given, or is wrong. */
  model?: Model;
}

/** The same for both roles. */
export function forBoth(argument: string, both: RoleAdditions): Additions {
  return { argument, jobManager: both, taskManager: both };
}

/** All additions to one role as one, in the order of the features. */
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

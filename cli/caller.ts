import type { Connection } from "../operations/kubernetes";
import type { Pack } from "./policies/packs";
import type { StackSettings } from "./stack";

/** A Flink cluster. */
export interface FlinkClusterName {
  cluster: string;
  namespace: string;
}

export interface EnginePreview {
  settings: StackSettings;
  packs: readonly Pack[];
  context: string | undefined;
  signal: AbortSignal;
  /** Shows progress. */
  say: (line: string) => void;
}

/** Differences between `npm run` in this repository and the published command in another project. */
export interface Caller {
  /** The command line before the options of a command. */
  call(command: string): string;
  /** Default folder of the Pulumi project. */
  projectDir(): string;
  /** Environment of the program, added to this process's. */
  programEnv: Record<string, string>;
  /** The compiled folder of one of this project's policy packs. */
  packFolder(pack: string, projectDir: string, signal?: AbortSignal): Promise<string>;
  /** Whether this process has the packs' rules to check their configuration. Otherwise the packs check it. */
  knowsRules: boolean;
  /** The cluster without a named context. */
  target(signal: AbortSignal): Promise<Connection>;
  /** The clusters of a stack, if its configuration names them. Default: those of the program. */
  clustersOf?(settings: StackSettings): FlinkClusterName[];
  /** The engine's preview; `failed` is the reason if it is incomplete. */
  engineEvents(preview: EnginePreview): Promise<{ events: object[]; failed?: string }>;
}

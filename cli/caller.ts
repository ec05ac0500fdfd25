import type { Connection } from "../operations/kubernetes";
import type { Pack } from "./policies/packs";
import type { StackSettings } from "./stack";

/** A cluster of Flink. */
export interface FlinkClusterName {
  cluster: string;
  namespace: string;
}

export interface EnginePreview {
  settings: StackSettings;
  packs: readonly Pack[];
  context: string | undefined;
  signal: AbortSignal;
  /** Tells what is being done. */
  say: (line: string) => void;
}

/** What differs between `npm run` in a clone of this repository and the published command in somebody else's project. */
export interface Caller {
  /** What a person types before the options of a command. */
  call(command: string): string;
  /** Folder of the Pulumi project, where no other is named. */
  projectDir(): string;
  /** Environment of the program, over this process's. */
  programEnv: Record<string, string>;
  /** The compiled folder of one of this project's policy packs. */
  packFolder(pack: string, projectDir: string, signal?: AbortSignal): Promise<string>;
  /** Whether the rules of these packs are there to check a stack's configuration of them. Else the packs themselves do it. */
  knowsRules: boolean;
  /** The cluster where no context is named. */
  target(signal: AbortSignal): Promise<Connection>;
  /** The clusters of a stack, where its configuration says it. Default: what the program makes. */
  clustersOf?(settings: StackSettings): FlinkClusterName[];
  /** What the engine says that it would do; `failed` is why it could not say all of it. */
  engineEvents(preview: EnginePreview): Promise<{ events: object[]; failed?: string }>;
}

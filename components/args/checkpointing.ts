import type { ShapeOf } from "./shape";

/** Checkpoints of all jobs of a cluster; a job may say otherwise in its own `config`. */
export interface CheckpointingArgs {
  /** Time from the beginning of one checkpoint to the next, such as `1 min` (`execution.checkpointing.interval`). Default: none are made. */
  interval?: string;
}

export const checkpointingShape: ShapeOf<CheckpointingArgs> = { interval: "text" };

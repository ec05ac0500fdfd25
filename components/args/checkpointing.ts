import type { ShapeOf } from "./shape";

/**
 * Checkpoints of all jobs of a cluster. A job can override these settings in its own `config`. A change
 * restarts the cluster's processes; jobs use the new settings when they are submitted again.
 */
export interface CheckpointingArgs {
  /**
   * Time from the start of one checkpoint to the start of the next, such as `1 min`
   * (`execution.checkpointing.interval`). After a failure a job repeats at most the work of this time.
   * Default: no checkpoints.
   */
  interval?: string;

  /**
   * Time after which an incomplete checkpoint is aborted (`execution.checkpointing.timeout`). Default:
   * `10 min`.
   */
  timeout?: string;

  /**
   * Time between the end of one checkpoint and the start of the next (`execution.checkpointing.min-pause`).
   * Default: none.
   */
  minPause?: string;

  /**
   * How often a record can count in the state after a failure (`execution.checkpointing.mode`). Default:
   * `EXACTLY_ONCE`.
   */
  mode?: CheckpointingMode;

  /**
   * Whether barriers overtake records, so that checkpoints do not wait for a job under backpressure; they
   * become larger (`execution.checkpointing.unaligned.enabled`). Only with `EXACTLY_ONCE`. Default: false.
   */
  unaligned?: boolean;

  /**
   * Whether a checkpoint contains only the changes since the last one
   * (`execution.checkpointing.incremental`). It has no effect with the heap backend. Default: false; true
   * with `rocksdb` and `forst`.
   */
  incremental?: boolean;

  /** Where running jobs keep their state (`state.backend.type`). Default: `hashmap`. */
  stateBackend?: StateBackend;

  /**
   * Number of complete checkpoints that are kept for each job (`execution.checkpointing.num-retained`).
   * Default: 3 with `storage`, else 1.
   */
  retained?: number;

  /**
   * What happens to the last checkpoint of a cancelled job
   * (`execution.checkpointing.externalized-checkpoint-retention`). Default: `RETAIN_ON_CANCELLATION` with
   * `storage`. Whoever cancels a job must then delete its checkpoints when they are no longer needed.
   */
  retention?: CheckpointRetention;

  /**
   * Number of consecutive checkpoint failures that a job tolerates before it fails
   * (`execution.checkpointing.tolerable-failed-checkpoints`). Default: 0.
   */
  tolerableFailures?: number;
}

/** How often a record can count in the state after a failure. */
export const CheckpointingMode = {
  /** Every record counts once in the job's state. */
  ExactlyOnce: "EXACTLY_ONCE",
  /** Records after the last checkpoint may count twice; checkpoints never delay records. */
  AtLeastOnce: "AT_LEAST_ONCE",
} as const;
export type CheckpointingMode = (typeof CheckpointingMode)[keyof typeof CheckpointingMode];

/** Where running jobs keep their state. */
export const StateBackend = {
  /** On the heap of the TaskManagers. */
  HashMap: "hashmap",
  /** RocksDB, in managed memory and on the TaskManagers' disks. */
  RocksDB: "rocksdb",
  /** ForSt, in remote storage, from Flink 2.0 on. */
  ForSt: "forst",
} as const;
export type StateBackend = (typeof StateBackend)[keyof typeof StateBackend];

/** What happens to the last checkpoint of a cancelled job. */
export const CheckpointRetention = {
  /** It is kept. */
  Retain: "RETAIN_ON_CANCELLATION",
  /** It is deleted. */
  Delete: "DELETE_ON_CANCELLATION",
  /** It is deleted, even when the job fails. */
  None: "NO_EXTERNALIZED_CHECKPOINTS",
} as const;
export type CheckpointRetention = (typeof CheckpointRetention)[keyof typeof CheckpointRetention];

export const checkpointingShape: ShapeOf<CheckpointingArgs> = {
  interval: "text",
  timeout: "text",
  minPause: "text",
  mode: "text",
  unaligned: "boolean",
  incremental: "boolean",
  stateBackend: "text",
  retained: "number",
  retention: "text",
  tolerableFailures: "number",
};

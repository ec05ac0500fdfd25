import type { ShapeOf } from "./shape";

/**
 * Checkpoints of all jobs of a cluster; a job may say otherwise in its own `config`. A change restarts the cluster's processes;
 * jobs take it up when they are submitted again.
 */
export interface CheckpointingArgs {
  /**
   * Time from the beginning of one checkpoint to the next, such as `1 min` (`execution.checkpointing.interval`). After a failure a job
   * repeats at most the work of this time. Default: no checkpoints are made.
   */
  interval?: string;

  /** Time after which a checkpoint that is not complete is given up (`execution.checkpointing.timeout`). Default: `10 min`. */
  timeout?: string;

  /** Time between the end of one checkpoint and the beginning of the next (`execution.checkpointing.min-pause`). Default: none. */
  minPause?: string;

  /** What a failure does to the counts of a job's state (`execution.checkpointing.mode`). Default: `EXACTLY_ONCE`. */
  mode?: CheckpointingMode;

  /**
   * Whether barriers overtake records, so that checkpoints do not wait for a job that is behind; they become larger
   * (`execution.checkpointing.unaligned.enabled`). Only with `EXACTLY_ONCE`. Default: false.
   */
  unaligned?: boolean;

  /**
   * Whether a checkpoint holds only what changed since the last one; the heap backend has no use for it
   * (`execution.checkpointing.incremental`). Default: false; true with `rocksdb` and `forst`.
   */
  incremental?: boolean;

  /** Where running jobs keep their state (`state.backend.type`). Default: `hashmap`. */
  stateBackend?: StateBackend;

  /** How many complete checkpoints of a job are kept (`execution.checkpointing.num-retained`). Default: 3 with `storage`, else 1. */
  retained?: number;

  /**
   * What becomes of the last checkpoint of a job that is cancelled (`execution.checkpointing.externalized-checkpoint-retention`). Default:
   * `RETAIN_ON_CANCELLATION` with `storage`; whoever cancels a job then removes its checkpoints when they are of no more use.
   */
  retention?: CheckpointRetention;

  /** How many checkpoints in a row may fail before the job does (`execution.checkpointing.tolerable-failed-checkpoints`). Default: 0. */
  tolerableFailures?: number;
}

/** What a failure does to the counts of a job's state. */
export const CheckpointingMode = {
  /** Every record counts once in the job's state. */
  ExactlyOnce: "EXACTLY_ONCE",
  /** Records after the last checkpoint may count twice; checkpoints never hold records up. */
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

/** What becomes of the last checkpoint of a job that is cancelled. */
export const CheckpointRetention = {
  /** It is kept. */
  Retain: "RETAIN_ON_CANCELLATION",
  /** It is deleted. */
  Delete: "DELETE_ON_CANCELLATION",
  /** It is deleted also when the job fails. */
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

import type { ShapeOf } from "./shape";

/**
 * A volume for each TaskManager that stays when its pod is replaced. Jobs then restore their state from it
 * instead of from checkpoint storage, if the same TaskManagers come back. It holds only copies and working
 * files; checkpoints stay in `storage`.
 */
export interface LocalRecoveryArgs {
  /**
   * Size of each volume, as a Kubernetes quantity. It must have room for the working files of RocksDB and a
   * copy of the last checkpoint.
   */
  size: string;

  /** Name of the StorageClass. Default: the Kubernetes cluster's default class. */
  storageClass?: string;
}

/** A volume for each pod instead of the node's disk. It is created and deleted with the pod. */
export interface EphemeralVolumeArgs {
  /** Size of the volume, as a Kubernetes quantity. */
  size: string;

  /** Name of the StorageClass. Default: the Kubernetes cluster's default class. */
  storageClass?: string;
}

export const localRecoveryShape: ShapeOf<LocalRecoveryArgs> = { size: "text", storageClass: "text" };
export const ephemeralVolumeShape: ShapeOf<EphemeralVolumeArgs> = { size: "text", storageClass: "text" };

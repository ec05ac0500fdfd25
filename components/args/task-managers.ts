import type { ShapeOf } from "./shape";

/**
 * A volume for each TaskManager that stays when its pod is replaced: jobs then restore their state from it and not from the storage of
 * checkpoints, as far as the same TaskManagers come back. It holds copies and working files only; checkpoints stay where `storage` says.
 */
export interface LocalRecoveryArgs {
  /** Size of each volume, as a Kubernetes quantity. Room for the working files of RocksDB and for a copy of the last checkpoint. */
  size: string;

  /** Name of the StorageClass. Default: the one that is the Kubernetes cluster's default. */
  storageClass?: string;
}

/** A volume of a pod's own in place of the node's disk. It is made with the pod and goes with it. */
export interface EphemeralVolumeArgs {
  /** Its size, as a Kubernetes quantity. */
  size: string;

  /** Name of the StorageClass. Default: the one that is the Kubernetes cluster's default. */
  storageClass?: string;
}

export const localRecoveryShape: ShapeOf<LocalRecoveryArgs> = { size: "text", storageClass: "text" };
export const ephemeralVolumeShape: ShapeOf<EphemeralVolumeArgs> = { size: "text", storageClass: "text" };

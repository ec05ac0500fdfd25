import type { ShapeOf } from "./shape";

/** Lets jobs survive the JobManager: leader and job data are kept in ConfigMaps and in durable storage. */
export interface HighAvailabilityArgs {
  /** Directory for the data of high availability. Default: `ha` below `storage.directory`. */
  storageDirectory?: string;
}

export const highAvailabilityShape: ShapeOf<HighAvailabilityArgs> = { storageDirectory: "text" };

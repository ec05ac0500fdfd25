import type { ShapeOf } from "./shape";

/** Where state lives that must outlast pods. */
export interface StorageArgs {
  /**
   * Directory for everything that this cluster keeps, a URI such as `s3://bucket/flink/orders`: checkpoints go below `checkpoints`, savepoints
   * below `savepoints`, the data of high availability below `ha`.
   */
  directory: string;
}

export const storageShape: ShapeOf<StorageArgs> = { directory: "text" };

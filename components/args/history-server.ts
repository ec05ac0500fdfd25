import type { ShapeOf } from "./shape";

/** A Flink History Server. */
export interface HistoryServerArgs {
  /** Directory of the archives (`jobmanager.archive.fs.dir`). Default: `archive` below `storage.directory`. */
  archiveDirectory?: string;
}

export const historyServerShape: ShapeOf<HistoryServerArgs> = { archiveDirectory: "text" };

import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const folders = new Set<string>();

/** A folder in the temporary folder. Whoever made it removes it; what is left when the process ends, also by Ctrl-C, goes with it. */
export function scratchFolder(purpose: string): { folder: string; remove(): void } {
  if (folders.size === 0) process.once("exit", () => folders.forEach(removeFolder));
  const folder = mkdtempSync(path.join(os.tmpdir(), `flink-kubernetes-${purpose}-`));
  folders.add(folder);
  return {
    folder,
    remove: () => {
      removeFolder(folder);
      folders.delete(folder);
    },
  };
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

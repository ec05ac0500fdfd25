import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const folders = new Set<string>();

/**
 * Creates a temporary folder, which its creator removes. The end of the process, also by Ctrl-C, removes the
 * rest.
 */
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

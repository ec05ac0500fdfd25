import { type FSWatcher, readdirSync, watch } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** An editor writes a file in several steps, and saves several at once: so long it must be quiet, in milliseconds. */
const QUIET = 100;

/** Folders whose files are not the program's. They may have thousands of folders in them. */
const NOT_WATCHED = ["node_modules", ".git"];

/**
 * Once at the beginning, and again after every change of a file in the folder, with the name of one that has changed. Ends when it is interrupted.
 *
 * @param written a folder that the command itself writes
 */
export async function* onChange(
  folder: string,
  signal: AbortSignal,
  written?: string,
): AsyncGenerator<string | undefined, void, undefined> {
  const ignored = written === undefined ? undefined : path.resolve(written);
  let changed: string | undefined;
  let wake = (): void => undefined;
  const close = watchFolders(path.resolve(folder), ignored, (file) => {
    changed = path.relative(folder, file);
    wake();
  });
  const aborted = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  try {
    yield undefined;
    while (!signal.aborted) {
      if (changed === undefined) {
        const woken = new Promise<void>((resolve) => (wake = resolve));
        await Promise.race([woken, aborted]);
        continue;
      }
      let seen: string;
      do {
        seen = changed;
        changed = undefined;
        await sleep(QUIET);
      } while (changed !== undefined);
      yield seen;
    }
  } finally {
    close();
  }
}

/** Folder by folder: Node's own recursion would go through all installed packages. */
function watchFolders(
  folder: string,
  ignored: string | undefined,
  onFile: (file: string) => void,
): () => void {
  const watchers = new Map<string, FSWatcher>();
  const isIgnored = (at: string) => at === ignored || NOT_WATCHED.includes(path.basename(at));
  const visit = (at: string): void => {
    if (isIgnored(at) || watchers.has(at)) return;
    const watcher = watch(at, (event, name) => {
      const file = path.join(at, name ?? "");
      if (isIgnored(file)) return;
      onFile(file);
      if (event === "rename") inside(at);
    });
    watcher.on("error", () => watchers.delete(at));
    watchers.set(at, watcher);
    inside(at);
  };
  const inside = (at: string): void => {
    for (const entry of entriesOf(at)) if (entry.isDirectory()) visit(path.join(at, entry.name));
  };
  visit(folder);
  return () => watchers.forEach((watcher) => watcher.close());
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // it has gone meanwhile
  }
}

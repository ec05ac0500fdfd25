import { type FSWatcher, readdirSync, watch } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Quiet time before a run, in milliseconds: editors write in several steps, and save several files at once.
 */
const QUIET = 100;

/** Folders without files of the program, which may contain thousands of folders. */
const NOT_WATCHED = ["node_modules", ".git"];

/**
 * Runs once at the beginning, and after every change of a file in the folder, with the name of one changed
 * file. Ends at an interrupt.
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

/** Watches folder by folder, because Node's own recursion would include all installed packages. */
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
    return []; // removed meanwhile
  }
}

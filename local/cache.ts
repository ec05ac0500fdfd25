import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** What every long-running step is given. */
export interface BuildContext {
  /** File that the full output of every command is appended to. */
  log: string;
  /** Shows one line of progress beside the step that runs. */
  report(line: string): void;
  /** Aborting it ends the running commands; what is half-built is thrown away or resumed by the next run. */
  signal: AbortSignal;
}

/** $FLINK_KUBERNETES_CACHE, or flink-kubernetes in $XDG_CACHE_HOME, or ~/.cache/flink-kubernetes. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.FLINK_KUBERNETES_CACHE) return path.resolve(env.FLINK_KUBERNETES_CACHE);
  return path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "flink-kubernetes");
}

/** Twelve hex digits that change whenever one of the inputs does. */
export function contentKey(inputs: Record<string, unknown>): string {
  const sorted = Object.keys(inputs)
    .sort()
    .map((name) => [name, inputs[name]]);
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex").slice(0, 12);
}

/** File contents by path relative to `folder`, for a content key. */
export function sources(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (relative: string) => {
    for (const entry of fs.readdirSync(path.join(folder, relative), { withFileTypes: true })) {
      const name = path.join(relative, entry.name);
      if (entry.isDirectory()) {
        visit(name);
      } else if (entry.isFile()) {
        found[name] = fs.readFileSync(path.join(folder, name)).toString("base64");
      }
    }
  };
  visit("");
  return found;
}

/** Entries that have not been used for this many days are removed when one of the same name is built. */
const KEEP_DAYS = 14;

/**
 * The folder `<cache>/<name>-<key>`, built by `build` when it is not there yet. It is built under another name and renamed,
 * so a folder with the final name is always complete; a second process that wants the same one waits for the first.
 */
export async function cached(
  name: string,
  key: string,
  ctx: BuildContext,
  build: (folder: string) => Promise<void>,
  keepDays = KEEP_DAYS,
): Promise<string> {
  const cache = cacheFolder();
  const entry = `${name}-${key}`;
  const final = path.join(cache, entry);
  if (fs.existsSync(final)) return touch(final);

  const waiting = (owner: string) => ctx.report(`waiting for process ${owner}, which builds ${name}`);
  return withLock(path.join(cache, "locks", entry), waiting, ctx.signal, async () => {
    if (fs.existsSync(final)) return touch(final);
    const building = path.join(cache, "building", entry);
    fs.rmSync(building, { recursive: true, force: true });
    fs.mkdirSync(building, { recursive: true });
    await build(building);
    ctx.signal.throwIfAborted();
    fs.renameSync(building, final);
    removeUnused(cache, name, entry, keepDays);
    return touch(final);
  });
}

function touch(folder: string): string {
  const now = new Date();
  fs.utimesSync(folder, now, now);
  return folder;
}

function removeUnused(cache: string, name: string, used: string, days: number): void {
  const oldest = Date.now() - days * 24 * 3600 * 1000;
  for (const entry of fs.readdirSync(cache)) {
    const isSibling = entry.startsWith(`${name}-`) && /^[0-9a-f]{12}$/.test(entry.slice(name.length + 1));
    if (!isSibling || entry === used) continue;
    const folder = path.join(cache, entry);
    if (fs.statSync(folder).mtimeMs < oldest) fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs `action` while holding an advisory lock on `file`. The lock is the kernel's, held by a child that ends when this
 * process does, whatever ends it: there is no stale lock to clean up. The file holds the owner's process id for messages.
 */
export async function withLock<T>(
  file: string,
  waiting: (owner: string) => void,
  signal: AbortSignal | undefined,
  action: () => Promise<T>,
): Promise<T> {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let release = await acquire(file, ["--nonblock"], signal);
  if (!release) {
    waiting(fs.readFileSync(file, "utf8").trim() || "unknown");
    release = await acquire(file, [], signal);
  }
  if (!release) throw new Error(`Could not lock ${file}: is the program flock (package util-linux) there?`);
  try {
    fs.writeFileSync(file, `${process.pid}\n`);
    return await action();
  } finally {
    await release();
  }
}

function acquire(
  file: string,
  flags: string[],
  signal: AbortSignal | undefined,
): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    // In its own session, so that Ctrl-C at the terminal does not drop the lock while this process still cleans up.
    const holder = spawn("flock", [...flags, file, "sh", "-c", "echo locked; exec cat >/dev/null"], {
      detached: true,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const ended = new Promise<void>((done) => holder.once("close", () => done()));
    const abort = () => {
      holder.stdin.end();
      holder.kill();
      reject(signal?.reason instanceof Error ? signal.reason : new Error("interrupted"));
    };
    signal?.addEventListener("abort", abort, { once: true });
    const settled = () => signal?.removeEventListener("abort", abort);
    holder.once("error", (error) => {
      settled();
      reject(error);
    });
    holder.once("close", () => {
      settled();
      resolve(undefined);
    });
    holder.stdout.once("data", () => {
      settled();
      resolve(async () => {
        holder.stdin.end();
        await ended;
      });
    });
  });
}

/** Bytes that this user can still write to the file system that `folder` is (or will be) on. */
export function freeBytes(folder: string): number {
  let existing = folder;
  while (!fs.existsSync(existing)) existing = path.dirname(existing);
  const stats = fs.statfsSync(existing);
  return stats.bavail * stats.bsize;
}

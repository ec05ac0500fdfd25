import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** Context of every long-running step. */
export interface BuildContext {
  /** Log file for the full output of every command. */
  log: string;
  /** Shows one line of progress next to the running step. */
  report(line: string): void;
  /** Aborting it ends the running commands. The next run discards or resumes unfinished builds. */
  signal: AbortSignal;
}

/** $FLINK_KUBERNETES_CACHE, or flink-kubernetes in $XDG_CACHE_HOME, or ~/.cache/flink-kubernetes. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.FLINK_KUBERNETES_CACHE) return path.resolve(env.FLINK_KUBERNETES_CACHE);
  return path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "flink-kubernetes");
}

/** A hash of the inputs, of twelve hex digits. */
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

/** Days after which an unused entry is removed, when a new one of the same name is built. */
const KEEP_DAYS = 14;

/**
 * The folder `<cache>/<name>-<key>`, which `build` creates if it is missing. It is built under another name
 * and renamed, so a folder with the final name is always complete. A second process waits for the first.
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
 * Runs `action` while holding an advisory lock of the kernel on `file`. A child process holds the lock and
 * always ends with this process, so there are no stale locks. The file contains the owner's process id, for
 * messages.
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
    // In its own session, so that Ctrl-C does not drop the lock while this process still cleans up.
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

/** Free bytes for this user on the file system of `folder`, which need not exist yet. */
export function freeBytes(folder: string): number {
  let existing = folder;
  while (!fs.existsSync(existing)) existing = path.dirname(existing);
  const stats = fs.statfsSync(existing);
  return stats.bavail * stats.bsize;
}

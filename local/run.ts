import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { BuildContext } from "./cache";
import { UserError } from "../recorder/errors";

export interface RunOptions {
  cwd?: string;
  /** Added to this process's environment. */
  env?: Record<string, string>;
  /** Called with every line of output, for progress. */
  onLine?(line: string): void;
}

/** A command that ended with an exit code other than 0. The message contains its last lines. */
export class CommandError extends UserError {}

const TAIL_LINES = 15;

/**
 * Runs a command with its output in the log. An error quotes the last lines. Aborting ends it and its
 * children.
 */
export async function run(
  ctx: BuildContext,
  command: string,
  args: string[],
  options: RunOptions = {},
): Promise<void> {
  ctx.signal.throwIfAborted();
  fs.mkdirSync(path.dirname(ctx.log), { recursive: true });
  const log = fs.createWriteStream(ctx.log, { flags: "a" });
  const shown = [command, ...args].join(" ");
  log.write(`\n$ ${shown}\n`);
  const tail: string[] = [];
  try {
    const code = await new Promise<number | string>((resolve, reject) => {
      // In its own process group, so that an abort also ends its children.
      const child = spawn(command, args, {
        cwd: options.cwd,
        env: { ...process.env, ...options.env },
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const kill = (signal: NodeJS.Signals) => {
        try {
          if (child.pid) process.kill(-child.pid, signal);
        } catch {
          // it has already ended
        }
      };
      let insist: NodeJS.Timeout | undefined;
      const abort = () => {
        kill("SIGTERM");
        insist = setTimeout(() => kill("SIGKILL"), 5000);
      };
      ctx.signal.addEventListener("abort", abort, { once: true });
      let partial = "";
      const read = (data: Buffer) => {
        log.write(data);
        const lines = (partial + data.toString()).split("\n");
        partial = lines.pop() ?? "";
        for (const line of lines) {
          tail.push(line);
          if (tail.length > TAIL_LINES) tail.shift();
          options.onLine?.(line);
        }
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.once("error", reject);
      child.once("close", (exit, signal) => {
        clearTimeout(insist);
        ctx.signal.removeEventListener("abort", abort);
        if (partial) tail.push(partial);
        resolve(exit ?? signal ?? "unknown");
      });
    });
    ctx.signal.throwIfAborted();
    if (code !== 0) {
      throw new CommandError(
        `${shown}\nended with ${code}:\n${tail.join("\n")}\nAll of its output: ${ctx.log}`,
      );
    }
  } finally {
    await new Promise((done) => log.end(done));
  }
}

/** Runs a short command and returns its exit code and output. Never throws for an exit code. */
export async function capture(
  command: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data) => (stdout += data));
    child.stderr.on("data", (data) => (stderr += data));
    child.once("error", (error) => resolve({ code: 127, stdout, stderr: error.message }));
    child.once("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/** Runs a short command and returns its output. On failure, throws with its output. */
export async function output(
  command: string,
  args: string[],
  options: { cwd?: string } = {},
): Promise<string> {
  const result = await capture(command, args, options);
  if (result.code !== 0) {
    throw new CommandError(
      `${[command, ...args].join(" ")} ended with ${result.code}: ${result.stderr.trim()}`,
    );
  }
  return result.stdout;
}

/** Calls `check` every `intervalMs` until it returns a value, for at most `timeoutMs`. */
export async function waitFor<T>(
  what: string,
  timeoutMs: number,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  signal?: AbortSignal,
  intervalMs = 100,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const result = await check();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${Math.round(timeoutMs / 1000)} s`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

/** A command at a pseudo-terminal, as a person has it. */
export interface Terminal {
  /** All that it has written, with the terminal's control sequences. */
  shown(): string;
  /** Waits until it has written this; gives what was written until then. Fails when the command ends without. */
  until(pattern: RegExp): Promise<string>;
  /** What a person types: `\u0003` is Ctrl-C, which the terminal makes a signal to every process of the command. */
  type(text: string): void;
  /** The exit code, when it has ended. */
  ended: Promise<number | null>;
  close(): void;
}

interface Options {
  cwd: string;
  env?: Record<string, string>;
  columns?: number;
}

/** Debian has `script` on every machine: it is in a package that cannot be removed. */
export function terminal(command: string[], { cwd, env, columns = 100 }: Options): Terminal {
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const line = `stty cols ${columns} rows 50; exec ${quoted}`;
  // `npm test` says these for its own sources and its own output, not for somebody's terminal.
  const unsaid = { TS_NODE_PROJECT: undefined, NO_COLOR: undefined, FORCE_COLOR: undefined };
  const child = spawn("script", ["--quiet", "--return", "--flush", "--command", line, "/dev/null"], {
    cwd,
    env: { ...process.env, ...unsaid, SHELL: "/bin/sh", TERM: "xterm", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let written = "";
  const waiting = new Set<() => void>();
  const look = () => waiting.forEach((check) => check());
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written += text;
    look();
  });
  let over = false;
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      over = true;
      look();
      resolve(code);
    });
  });
  return {
    shown: () => written,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = pattern.test(written);
          if (!found && !over) return;
          waiting.delete(check);
          if (found) resolve(written);
          else reject(new Error(`It ended without ${pattern}:\n${written}`));
        };
        waiting.add(check);
        check();
      }),
    type: (text) => void child.stdin.write(text),
    ended,
    close: () => void child.kill(),
  };
}

/** Without colours and what else controls a terminal. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll("\r\n", "\n");
}

import fs from "node:fs";
import path from "node:path";

/** Writes a file atomically. On failure, such as a full disk, the existing file stays. */
export function replaceFile(file: string, content: string, mode: number): void {
  const making = `${file}.${process.pid}`;
  try {
    fs.writeFileSync(making, content, { mode });
    fs.renameSync(making, file);
  } catch (error) {
    fs.rmSync(making, { force: true });
    throw error;
  }
}

/**
 * Writes a script that runs the given words with its own arguments and a suffix. Does not disturb a running
 * one.
 */
export function writeProgram(file: string, words: string[], then: string[] = []): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const line = [...words.map(shellWord), '"$@"', ...then.map(shellWord)].join(" ");
  replaceFile(file, `#!/bin/sh\nexec ${line}\n`, 0o755);
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

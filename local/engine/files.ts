import fs from "node:fs";
import path from "node:path";

/** Writes a file as a whole or, where that fails (no room, no right), leaves the one that is there. */
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

/** Writes a program that runs the given words, then whatever it is called with, then some more. A running one is not disturbed. */
export function writeProgram(file: string, words: string[], then: string[] = []): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const line = [...words.map(shellWord), '"$@"', ...then.map(shellWord)].join(" ");
  replaceFile(file, `#!/bin/sh\nexec ${line}\n`, 0o755);
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

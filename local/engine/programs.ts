import fs from "node:fs";
import path from "node:path";

/** Writes a program that runs the given words, then whatever it is called with, then some more. A running one is not disturbed. */
export function writeProgram(file: string, words: string[], then: string[] = []): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const making = `${file}.${process.pid}`;
  const line = [...words.map(shellWord), '"$@"', ...then.map(shellWord)].join(" ");
  fs.writeFileSync(making, `#!/bin/sh\nexec ${line}\n`, { mode: 0o755 });
  fs.renameSync(making, file);
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

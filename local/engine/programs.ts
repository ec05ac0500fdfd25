import fs from "node:fs";
import path from "node:path";

/** Writes a program that runs the given words and whatever it is called with. A running one is not disturbed. */
export function writeProgram(file: string, words: string[]): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const making = `${file}.${process.pid}`;
  fs.writeFileSync(making, `#!/bin/sh\nexec ${words.map(shellWord).join(" ")} "$@"\n`, { mode: 0o755 });
  fs.renameSync(making, file);
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

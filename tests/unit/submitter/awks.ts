import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";

/** The folder with the program that the submission pods run. */
export const submitterDir = path.resolve(__dirname, "../../../components/submitter");

/** A command on the PATH of the machine, if it is there. */
export function findCommand(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(":")) {
    const file = path.join(folder, name);
    if (folder !== "" && existsSync(file)) return file;
  }
  return undefined;
}

/** Every awk that the program has to work with: mawk is in Debian and in the Flink images, the others where they are found. */
export const awks: { name: string; command: string[] | undefined }[] = [
  { name: "mawk", command: asCommand("mawk") },
  { name: "gawk", command: asCommand("gawk") },
  { name: "busybox awk", command: asCommand("busybox", "awk") },
];

/** Any of them, for tests to which it makes no difference. */
export const anyAwk = awks.find(({ command }) => command !== undefined)?.command ?? [];

function asCommand(name: string, ...rest: string[]): string[] | undefined {
  const file = findCommand(name);
  return file === undefined ? undefined : [file, ...rest];
}

/** Runs json.awk over a text: path and value of each scalar, decoded, or undefined when it says that this is not JSON. */
export function readJson(awk: string[], text: string | Buffer): [string, string][] | undefined {
  let output: string;
  try {
    output = execFileSync(awk[0], [...awk.slice(1), "-f", path.join(submitterDir, "json.awk")], {
      input: text,
      env: { LC_ALL: "C", PATH: process.env.PATH },
      stdio: ["pipe", "pipe", "ignore"],
      maxBuffer: 1 << 28,
    }).toString("utf8");
  } catch (error) {
    if ((error as { status?: number }).status === 2) return undefined;
    throw error;
  }
  return output
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const tab = line.indexOf("\t");
      return [line.slice(0, tab), decode(line.slice(tab + 1))];
    });
}

function decode(value: string): string {
  const letters: Record<string, string> = { n: "\n", r: "\r", t: "\t", "\\": "\\" };
  return value.replace(/\\(0000|.)/g, (_all, escape: string) => (escape === "0000" ? "\0" : letters[escape]));
}

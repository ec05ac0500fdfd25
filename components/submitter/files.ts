import { readFileSync } from "node:fs";
import path from "node:path";

/** The files of the program that the submission pods run; they lie beside this one, in the package too. */
const names = ["submit.sh", "common.sh", "ledger.sh", "flink.sh", "stop.sh", "json.awk"];

let files: Record<string, string> | undefined;

export function submitterFiles(): Record<string, string> {
  files ??= Object.fromEntries(names.map((name) => [name, readFileSync(path.join(__dirname, name), "utf8")]));
  return files;
}

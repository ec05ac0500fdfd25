import { readFileSync } from "node:fs";
import path from "node:path";

/** The files of the program that the submission pods run; they lie beside this one, in the package too. */
const names = [
  "submit.sh",
  "common.sh",
  "ledger.sh",
  "flink.sh",
  "artifact.sh",
  "stop.sh",
  "job.sh",
  "json.awk",
];

/** What a TaskManager runs before it stops, and what of the others that needs. */
const preStopNames = ["pre-stop.sh", "common.sh", "flink.sh", "json.awk"];

const contents = new Map<string, string>();

function read(list: string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((name) => {
      const content = contents.get(name) ?? readFileSync(path.join(__dirname, name), "utf8");
      contents.set(name, content);
      return [name, content];
    }),
  );
}

export function submitterFiles(): Record<string, string> {
  return read(names);
}

export function preStopFiles(): Record<string, string> {
  return read(preStopNames);
}

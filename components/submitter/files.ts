import { readFileSync } from "node:fs";
import path from "node:path";

/** Files of the program in the submission pods. They are beside this file, in the package too. */
const names = [
  "submit.sh",
  "guard.sh",
  "savepoint.sh",
  "common.sh",
  "ledger.sh",
  "flink.sh",
  "s3.sh",
  "state.sh",
  "artifact.sh",
  "stop.sh",
  "job.sh",
  "json.awk",
];

/** Fetches a file from a server that needs a login or headers. */
const httpNames = ["http.sh"];

/** Runs a Python program, in the JobManager. */
const pythonNames = ["zip.sh", "python.sh", "flink_kubernetes_job.py"];

/** Additional files for a SQL script, and the class that runs it, if Flink has none. */
const sqlNames = ["zip.sh"];
const sqlClass = "SqlScript.class";

/** Files of the prepare Job. */
const prepareNames = [
  "prepare.sh",
  "common.sh",
  "ledger.sh",
  "flink.sh",
  "s3.sh",
  "state.sh",
  "stop.sh",
  "json.awk",
];

/** The script that a TaskManager runs before it stops, and the files that it needs. */
const preStopNames = ["pre-stop.sh", "common.sh", "flink.sh", "json.awk"];

/** Files that an application's JobManager runs before it starts. */
const launchNames = ["application-launch.sh", "common.sh", "ledger.sh", "json.awk"];

/** Additional files of the pods that stop the job of an application and watch its next one. */
const applicationNames = ["application-prepare.sh", "application-start.sh", "application.sh"];

/** Runs in the guard of an application whose pods are removed some time after the job's end. */
const ttlNames = ["ttl.sh"];

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

/** @param http whether a file is fetched from a server that needs a login or headers */
export function submitterFiles(http = false): Record<string, string> {
  return read([...names, ...(http ? httpNames : [])]);
}

/** Additional files of the submission pods for a Python program. */
export function pythonFiles(): Record<string, string> {
  return read(pythonNames);
}

/** Additional files of the submission pods for a SQL script on Flink 1. */
export function sqlFiles(): Record<string, string> {
  return read(sqlNames);
}

/** In base64. */
export function sqlClassFile(): Record<string, string> {
  return { [sqlClass]: readFileSync(path.join(__dirname, sqlClass)).toString("base64") };
}

export function prepareFiles(): Record<string, string> {
  return read(prepareNames);
}

export function preStopFiles(): Record<string, string> {
  return read(preStopNames);
}

export function launchFiles(): Record<string, string> {
  return read(launchNames);
}

/** @param ttl whether pods of a finished job are removed */
export function applicationFiles(ttl = false): Record<string, string> {
  return read([...names, ...applicationNames, ...(ttl ? ttlNames : [])]);
}

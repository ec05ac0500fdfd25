import { readFileSync } from "node:fs";
import path from "node:path";

/** The files of the program that the submission pods run; they lie beside this one, in the package too. */
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

/** What fetches a file from a place that asks for a login or for headers. */
const httpNames = ["http.sh"];

/** What runs a program in Python, in the JobManager. */
const pythonNames = ["zip.sh", "python.sh", "flink_kubernetes_job.py"];

/** What a script in SQL needs besides where Flink has nothing that runs it, and the class that does. */
const sqlNames = ["zip.sh"];
const sqlClass = "SqlScript.class";

/** What the prepare Job runs. */
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

/** What a TaskManager runs before it stops, and what of the others that needs. */
const preStopNames = ["pre-stop.sh", "common.sh", "flink.sh", "json.awk"];

/** What a JobManager that carries a job runs before it starts. */
const launchNames = ["application-launch.sh", "common.sh", "ledger.sh", "json.awk"];

/** What the pods run besides that stop the job of an application and follow its next one. */
const applicationNames = ["application-prepare.sh", "application-start.sh", "application.sh"];

/** What the guard of an application runs whose pods end some time after the job. */
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

/** @param http whether a file is fetched from a place that asks for a login or for headers */
export function submitterFiles(http = false): Record<string, string> {
  return read([...names, ...(http ? httpNames : [])]);
}

/** What the submission pods have besides for a program in Python. */
export function pythonFiles(): Record<string, string> {
  return read(pythonNames);
}

/** What the submission pods have besides for a script in SQL on Flink 1. */
export function sqlFiles(): Record<string, string> {
  return read(sqlNames);
}

/** As base64. */
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

/** @param ttl whether pods of a finished job end */
export function applicationFiles(ttl = false): Record<string, string> {
  return read([...names, ...applicationNames, ...(ttl ? ttlNames : [])]);
}

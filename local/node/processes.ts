import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { systemCgroupFile } from "./cgroups";
import { cacheFolder } from "../cache";
import { folders, namespaceFile, runFolder, stateFile } from "./layout";
import { waitFor } from "../run";

/** A process, distinguishable from a later one with the same id. */
export interface ProcessRecord {
  pid: number;
  /** Clock ticks after boot, from /proc. */
  startTime: string;
}

/** The record of a starting or running node. */
export interface NodeState {
  cache: string;
  /** Hash of its programs, see NodePrograms. */
  key: string;
  kubernetes: string;
  containerd: string;
  complete: boolean;
  processes: Record<string, ProcessRecord>;
}

export function readState(): NodeState | undefined {
  try {
    return JSON.parse(fs.readFileSync(stateFile, "utf8")) as NodeState;
  } catch {
    return undefined;
  }
}

export function writeState(state: NodeState): void {
  fs.mkdirSync(runFolder, { recursive: true });
  const temporary = `${stateFile}.new`;
  fs.writeFileSync(temporary, JSON.stringify(state, undefined, 2) + "\n");
  fs.renameSync(temporary, stateFile);
}

/** The process's start time, or undefined if it does not exist or is a zombie. */
function startTime(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in parentheses, which may contain any characters.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

export const isAlive = (record: ProcessRecord) => startTime(record.pid) === record.startTime;

/**
 * Starts a program in the node's cgroup, network and (after the first) mount namespace. It outlives this
 * process.
 */
export function startDaemon(state: NodeState, name: string, command: string[]): void {
  state.processes[name] = spawnInside(state, name, command);
  writeState(state);
}

/**
 * Starts an additional program in the running node's cgroup and namespaces. It ends with this process, with
 * the node, or by `endProcess`. The node does not depend on it.
 */
export function startBeside(name: string, command: string[]): ProcessRecord {
  const state = readState();
  if (!state?.complete) throw new Error(`no local node runs that ${name} could be started beside`);
  return spawnInside(state, name, ["setpriv", "--pdeathsig", "KILL", "--", ...command]);
}

/** Ends a program of startBeside, and waits for its end. */
export async function endProcess(record: ProcessRecord): Promise<void> {
  const insist = Date.now() + 5000;
  let signal: NodeJS.Signals | undefined = "SIGTERM";
  const ended = () => {
    if (!isAlive(record)) return true;
    if (signal) process.kill(record.pid, signal);
    signal = Date.now() > insist ? "SIGKILL" : undefined;
    return false;
  };
  await waitFor(`process ${record.pid} to end`, 10_000, ended, undefined, 50);
}

function spawnInside(state: NodeState, name: string, command: string[]): ProcessRecord {
  const logs = folders(cacheFolder()).logs;
  fs.mkdirSync(logs, { recursive: true });
  const logFile = path.join(logs, `${name}.log`);
  if (fs.existsSync(logFile)) fs.renameSync(logFile, `${logFile}.previous`);
  const log = fs.openSync(logFile, "a");
  const mounts = state.processes.mounts;
  const enter = [
    "nsenter",
    `--net=${namespaceFile}`,
    ...(mounts ? [`--mount=/proc/${mounts.pid}/ns/mnt`] : []),
  ];
  const child = spawn(
    "/bin/sh",
    ["-c", 'echo $$ > "$0" && exec "$@"', systemCgroupFile(), ...enter, "--", ...command],
    {
      detached: true,
      cwd: "/",
      stdio: ["ignore", log, log],
      // Only a few variables: for example, a proxy of the developer's shell cannot be reached from inside.
      env: { PATH: `${state.containerd}:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin`, HOME: "/root" },
    },
  );
  fs.closeSync(log);
  child.unref();
  const started = child.pid === undefined ? undefined : startTime(child.pid);
  if (child.pid === undefined || started === undefined)
    throw new Error(`${name} could not be started, see ${logFile}`);
  return { pid: child.pid, startTime: started };
}

/** Throws if a program of the node has ended, with the end of its log. */
export function refuseEnded(state: NodeState): void {
  for (const [name, record] of Object.entries(state.processes)) {
    if (isAlive(record)) continue;
    const logFile = path.join(folders(state.cache).logs, `${name}.log`);
    const lines = fs.existsSync(logFile) ? fs.readFileSync(logFile, "utf8").trim().split("\n").slice(-8) : [];
    throw new Error(`The node's ${name} has ended. The end of ${logFile}:\n${lines.join("\n")}`);
  }
}

import * as fs from "node:fs";
import * as path from "node:path";
import { cacheFolder, freeBytes } from "../cache";
import { goProblem } from "./build";
import { capture } from "../run";

/** Something that keeps the local node from working on this machine. */
export interface MissingPrerequisite {
  reason: string;
  fix: string;
}

/** Built from nothing: Go's build and module caches, 8 GB; programs, image layers and tar, imported images, 4.5 GB; 1 GB while building. */
const NEEDED_GB = 14;
/** With the programs built already. */
const NEEDED_GB_BUILT = 3;

/** Facts about this machine; a parameter so that every combination can be tested. */
export interface Machine {
  uid: number | undefined;
  debian: boolean;
  go: string | undefined;
  java: boolean;
  maven: boolean;
  pip: boolean;
  cgroups: boolean;
  freeGigabytes: number;
  neededGigabytes: number;
  cache: string;
}

export async function inspectMachine(): Promise<Machine> {
  const cache = cacheFolder();
  const built =
    fs.existsSync(cache) && fs.readdirSync(cache).some((entry) => /^kubernetes-[0-9a-f]{12}$/.test(entry));
  const [go, pip] = await Promise.all([goProblem(), capture("python3", ["-c", "import pip"])]);
  return {
    uid: process.getuid?.(),
    debian: fs.existsSync("/etc/debian_version") && fs.existsSync("/usr/bin/apt-get"),
    go,
    java: isOnPath("javac"),
    maven: isOnPath("mvn"),
    pip: pip.code === 0,
    cgroups: fs.existsSync("/sys/fs/cgroup/cgroup.controllers") || fs.existsSync("/sys/fs/cgroup/memory"),
    freeGigabytes: freeBytes(cache) / 1e9,
    neededGigabytes: built ? NEEDED_GB_BUILT : NEEDED_GB,
    cache,
  };
}

/** Looked for, not run: asking Maven for its version takes longer than everything else here. */
function isOnPath(program: string): boolean {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return folders.some((folder) => folder !== "" && fs.existsSync(path.join(folder, program)));
}

/** Everything that is missing, at once. Debian packages are not listed: they are installed when needed. */
export function missingPrerequisites(machine: Machine): MissingPrerequisite[] {
  const missing: MissingPrerequisite[] = [];
  const need = (met: boolean, reason: string, fix: string) => {
    if (!met) missing.push({ reason, fix });
  };
  need(
    machine.uid === 0,
    `the local node needs root for network namespaces, mounts and cgroups, and this is user ${machine.uid ?? "unknown"}`,
    "run it as root",
  );
  need(
    machine.debian,
    "the local node is built from Debian packages, and this is not a Debian machine",
    "use a Debian 12 machine",
  );
  need(
    machine.cgroups,
    "the local node needs cgroups mounted at /sys/fs/cgroup, and there are none",
    "mount them, or use a machine (not a container) that has them",
  );
  need(machine.go === undefined, machine.go ?? "", "install it, and see that go is on PATH");
  need(
    machine.java,
    "the program javac is missing, which compiles the example job",
    "install a Java development kit, 17 or newer: apt-get install openjdk-17-jdk-headless",
  );
  need(machine.maven, "the program mvn is missing, which builds the example job", "apt-get install maven");
  need(
    machine.pip,
    "python3 with pip is missing, which downloads Flink",
    "apt-get install python3 python3-pip python3-venv",
  );
  need(
    machine.freeGigabytes >= machine.neededGigabytes,
    `${machine.freeGigabytes.toFixed(1)} GB are free in ${path.resolve(machine.cache)}, and ${machine.neededGigabytes} GB are needed`,
    "free some, or set FLINK_KUBERNETES_CACHE to a folder on a larger disk",
  );
  return missing;
}

/** What is missing on this machine for the local node; empty when nothing is. */
export async function prerequisites(): Promise<MissingPrerequisite[]> {
  return missingPrerequisites(await inspectMachine());
}

/** One text with everything that is missing and the way that needs none of it. */
export function describeMissing(missing: MissingPrerequisite[]): string {
  const lines = missing.map(({ reason, fix }) => `  - ${reason}: ${fix}`);
  return [
    "The local Kubernetes node cannot run on this machine:",
    ...lines,
    "Or use a Kubernetes cluster that you have already: npm start -- --context NAME",
  ].join("\n");
}

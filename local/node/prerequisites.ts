import * as fs from "node:fs";
import * as path from "node:path";
import { cacheFolder, freeBytes } from "../cache";
import { goProblem } from "./build";
import { capture } from "../run";

/** A missing prerequisite of the local node. */
export interface MissingPrerequisite {
  reason: string;
  fix: string;
}

/** Disk space without caches: 8 GB for Go's caches, 4.5 GB for programs and images, 1 GB during the build. */
const NEEDED_GB = 14;
/** Disk space if the programs are built already. */
const NEEDED_GB_BUILT = 3;

/** Facts about this machine, as a parameter for tests of every combination. */
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

/** Only searched, not run: Maven's version check takes longer than everything else here. */
function isOnPath(program: string): boolean {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return folders.some((folder) => folder !== "" && fs.existsSync(path.join(folder, program)));
}

/** All missing prerequisites, without Debian packages, which are installed if needed. */
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

/** Missing prerequisites of the local node on this machine; empty if there are none. */
export async function prerequisites(): Promise<MissingPrerequisite[]> {
  return missingPrerequisites(await inspectMachine());
}

/** A text with all missing prerequisites, and the alternative without a local node. */
export function describeMissing(missing: MissingPrerequisite[]): string {
  const lines = missing.map(({ reason, fix }) => `  - ${reason}: ${fix}`);
  return [
    "The local Kubernetes node cannot run on this machine:",
    ...lines,
    "Or use a Kubernetes cluster that you have already: npm start -- --context NAME",
  ].join("\n");
}

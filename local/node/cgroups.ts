import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { nodeName } from "./layout";
import { waitFor } from "../run";

// All processes and containers of the node are in the cgroup /flink-kubernetes. A process cannot leave its
// cgroup, so a stop needs no list of process ids, and works after any crash.

const mount = "/sys/fs/cgroup";
const isVersion2 = () => fs.existsSync(path.join(mount, "cgroup.controllers"));

/**
 * The node's cgroup in every hierarchy: version 2 has one hierarchy, version 1 has one for each controller.
 */
function nodeCgroups(): string[] {
  if (isVersion2()) return [path.join(mount, nodeName)];
  if (!fs.existsSync(mount)) return [];
  const hierarchies = fs.readdirSync(mount, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return hierarchies.map((entry) => path.join(mount, entry.name, nodeName));
}

/** A process joins the node by writing its id to this file. */
export function systemCgroupFile(): string {
  const root = isVersion2() ? mount : path.join(mount, ["pids", "memory"].find(hasHierarchy) ?? "memory");
  return path.join(root, nodeName, "system", "cgroup.procs");
}

const hasHierarchy = (name: string) => fs.existsSync(path.join(mount, name));

export function createCgroups(): void {
  if (isVersion2()) enableControllers(mount);
  for (const cgroup of nodeCgroups()) {
    if (cgroup.startsWith(path.join(mount, "unified")) && !isVersion2()) continue;
    fs.mkdirSync(cgroup, { recursive: true });
    // A new cpuset is empty, and an empty one cannot contain processes.
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      const parent = path.join(path.dirname(cgroup), file);
      if (!isVersion2() && fs.existsSync(parent))
        fs.writeFileSync(path.join(cgroup, file), fs.readFileSync(parent));
    }
    // By default the whole node would get the same share as a single other process.
    const shares = path.join(cgroup, "cpu.shares");
    if (fs.existsSync(shares)) fs.writeFileSync(shares, String(2048 * os.cpus().length));
  }
  if (isVersion2()) enableControllers(nodeCgroups()[0]);
  fs.mkdirSync(path.dirname(systemCgroupFile()), { recursive: true });
}

function enableControllers(cgroup: string): void {
  const controllers = fs.readFileSync(path.join(cgroup, "cgroup.controllers"), "utf8").trim().split(" ");
  for (const controller of controllers) {
    try {
      fs.writeFileSync(path.join(cgroup, "cgroup.subtree_control"), `+${controller}`);
    } catch {
      // some kernels cannot delegate all controllers; kubelet reports the missing ones
    }
  }
}

/** Every process of the node, pods included. */
export function nodeProcesses(): number[] {
  const found = new Set<number>();
  for (const cgroup of nodeCgroups()) {
    for (const folder of tree(cgroup)) {
      for (const pid of readLines(path.join(folder, "cgroup.procs"))) found.add(Number(pid));
    }
  }
  return [...found];
}

/** Ends every process of the node, and removes its cgroups. */
export async function removeCgroups(): Promise<void> {
  await waitFor(
    `ending the processes of the node in the cgroup /${nodeName}`,
    20_000,
    () => {
      const alive = nodeProcesses();
      for (const pid of alive) kill(pid);
      return alive.length === 0;
    },
    undefined,
    50,
  );
  await waitFor(`removing the cgroup /${nodeName}`, 10_000, () => {
    for (const cgroup of nodeCgroups()) tree(cgroup).forEach(removeFolder);
    return nodeCgroups().every((cgroup) => !fs.existsSync(cgroup));
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended meanwhile
  }
}

function removeFolder(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // still busy after the end of its last process; the caller retries
  }
}

/** A cgroup and all below it, children first. */
function tree(folder: string): string[] {
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  const children = entries.filter((entry) => entry.isDirectory());
  return [...children.flatMap((entry) => tree(path.join(folder, entry.name))), folder];
}

function readLines(file: string): string[] {
  try {
    return fs.readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

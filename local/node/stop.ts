import * as fs from "node:fs";
import { cacheFolder, withLock } from "../cache";
import { UserError } from "../../recorder/errors";
import { nodeProcesses, removeCgroups } from "./cgroups";
import { folders, hostLink, lockFile, namespaceFile, runFolder } from "./layout";
import { removeNetwork } from "./network";
import { readState } from "./processes";

/** Folders on this machine that the node mounts over in its own mount namespace; they stay empty here. */
export const mountPoints = ["/var/lib/kubelet", "/var/log/pods", "/var/log/containers", "/var/lib/cni"];

/** Whether anything of a node is there, be it half-started or half-removed. */
export function hasTraces(): boolean {
  const ours = fs.existsSync(runFolder);
  return ours || nodeProcesses().length > 0;
}

/** Ends all processes of the node and takes away its cgroups, network and mounts. Its data stays. */
export async function removeRuntime(): Promise<void> {
  await removeCgroups();
  // Without our record a network of this name is somebody else's.
  if (fs.existsSync(runFolder)) await removeNetwork();
  // Only when empty: kubelet or a container runtime of this machine may use them.
  for (const folder of mountPoints) {
    try {
      fs.rmdirSync(folder);
    } catch {
      // not there, or somebody's
    }
  }
  // The record of what there is to clean up goes last.
  fs.rmSync(runFolder, { recursive: true, force: true });
}

/** Removes the cluster's data: etcd, certificates, kubelet's folders. Logs stay for reading, imported images for the next start. */
export function removeData(cache: string): void {
  const at = folders(cache);
  for (const folder of [at.etcd, at.kubelet, at.podLogs, at.certificates, at.configuration, at.kubeconfig]) {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Stops at a node that was started from another cache folder: it is somebody else's. */
export function refuseOtherCache(): void {
  const other = readState()?.cache;
  if (!other || other === cacheFolder() || !fs.existsSync(other) || nodeProcesses().length === 0) return;
  throw new UserError(
    `A local node runs already, started with the cache folder ${other}, and there is one node a machine. ` +
      `Use that one: FLINK_KUBERNETES_CACHE=${other} npm start, or remove it: FLINK_KUBERNETES_CACHE=${other} npm run down`,
  );
}

/**
 * Removes the local node and everything in it: no process, mount, namespace, interface, route or cgroup stays, also after
 * a crash half-way. Does nothing where there is none.
 */
export async function stopNode(): Promise<void> {
  // Also the answer on a machine where a node could never run.
  if (!hasTraces() && !fs.existsSync(folders().etcd)) return;
  const waiting = () => undefined;
  await withLock(lockFile, waiting, undefined, async () => {
    refuseOtherCache();
    const cache = readState()?.cache ?? cacheFolder();
    await removeRuntime();
    removeData(cache);
  });
}

/** What of the node is left on this machine, in words; empty after a stop. */
export function traces(): string[] {
  const found = nodeProcesses().map((pid) => `process ${pid}`);
  for (const place of [namespaceFile, runFolder, `/sys/class/net/${hostLink}`]) {
    if (fs.existsSync(place)) found.push(place);
  }
  return found;
}

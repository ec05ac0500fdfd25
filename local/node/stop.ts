import * as fs from "node:fs";
import { cacheFolder, withLock } from "../cache";
import { UserError } from "../../recorder/errors";
import { nodeProcesses, removeCgroups } from "./cgroups";
import { folders, hostLink, lockFile, namespaceFile, runFolder } from "./layout";
import { removeNetwork } from "./network";
import { readState } from "./processes";

/** Folders that the node mounts over in its own mount namespace. They stay empty on this machine. */
export const mountPoints = ["/var/lib/kubelet", "/var/log/pods", "/var/log/containers", "/var/lib/cni"];

/** Whether parts of a node exist, also half-started or half-removed ones. */
export function hasTraces(): boolean {
  const ours = fs.existsSync(runFolder);
  return ours || nodeProcesses().length > 0;
}

/** Ends all processes of the node, and removes its cgroups, network and mounts. Its data stays. */
export async function removeRuntime(): Promise<void> {
  await removeCgroups();
  // Without our record, a network of this name is not ours.
  if (fs.existsSync(runFolder)) await removeNetwork();
  // Only empty folders, because kubelet or a container runtime of this machine may use them.
  for (const folder of mountPoints) {
    try {
      fs.rmdirSync(folder);
    } catch {
      // missing, or not ours
    }
  }
  // The record for the cleanup is removed last.
  fs.rmSync(runFolder, { recursive: true, force: true });
}

/** Removes the cluster's data: etcd, certificates, kubelet's folders. Logs and imported images stay. */
export function removeData(cache: string): void {
  const at = folders(cache);
  for (const folder of [at.etcd, at.kubelet, at.podLogs, at.certificates, at.configuration, at.kubeconfig]) {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Throws for a node from another cache folder, which is not ours. */
export function refuseOtherCache(): void {
  const other = readState()?.cache;
  if (!other || other === cacheFolder() || !fs.existsSync(other) || nodeProcesses().length === 0) return;
  throw new UserError(
    `A local node runs already, started with the cache folder ${other}, and there is one node a machine. ` +
      `Use that one: FLINK_KUBERNETES_CACHE=${other} npm start, or remove it: FLINK_KUBERNETES_CACHE=${other} npm run down`,
  );
}

/**
 * Removes the local node with all processes, mounts, namespaces, interfaces, routes and cgroups, also after a
 * crash half-way. Does nothing without a node.
 */
export async function stopNode(): Promise<void> {
  // Also on machines that cannot run a node.
  if (!hasTraces() && !fs.existsSync(folders().etcd)) return;
  const waiting = () => undefined;
  await withLock(lockFile, waiting, undefined, async () => {
    refuseOtherCache();
    const cache = readState()?.cache ?? cacheFolder();
    await removeRuntime();
    removeData(cache);
  });
}

/** Descriptions of the node's remaining parts on this machine; empty after a stop. */
export function traces(): string[] {
  const found = nodeProcesses().map((pid) => `process ${pid}`);
  for (const place of [namespaceFile, runFolder, `/sys/class/net/${hostLink}`]) {
    if (fs.existsSync(place)) found.push(place);
  }
  return found;
}

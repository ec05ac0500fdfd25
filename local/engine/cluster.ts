import { ApiError, Cluster } from "../../operations/kubernetes";

export interface Target {
  /** Path of the kubeconfig; KUBECONFIG or ~/.kube/config when absent, as for kubectl. */
  kubeconfig?: string;
  /** Context of the kubeconfig; its current one when absent. */
  context?: string;
}

/**
 * What tells one cluster from another: the uid of the namespace kube-system, which lives as long as the cluster does and is not
 * the same on one that was built anew under the same address. Without the right to read it, the API server's address.
 */
export async function clusterIdentity(target: Target, signal: AbortSignal): Promise<string> {
  const cluster = new Cluster(target);
  try {
    const namespace = await cluster.get({ apiVersion: "v1", kind: "Namespace", name: "kube-system" }, signal);
    const uid = namespace?.metadata.uid;
    if (typeof uid === "string") return uid;
  } catch (error) {
    if (!(error instanceof ApiError && (error.status === 403 || error.status === 401))) throw error;
  } finally {
    cluster.close();
  }
  return cluster.server;
}

/** Whether an object is on the cluster, whoever made it. */
export async function exists(
  target: Target,
  object: { apiVersion: string; kind: string; namespace?: string; name: string },
  signal: AbortSignal,
): Promise<boolean> {
  const cluster = new Cluster(target);
  try {
    return (await cluster.get(object, signal)) !== undefined;
  } finally {
    cluster.close();
  }
}

import { ApiError, Cluster } from "../../operations/kubernetes";

export interface Target {
  /** Path of the kubeconfig. Default: KUBECONFIG or ~/.kube/config, as for kubectl. */
  kubeconfig?: string;
  /** Context of the kubeconfig. Default: its current context. */
  context?: string;
}

/**
 * The identity of a cluster: the uid of the namespace kube-system, which stays for the cluster's lifetime,
 * and changes if a new cluster has the same address. Without the right to read it, the API server's address.
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

/** Whether an object exists on the cluster, from any source. */
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

import { jobLabel, ledgerLabel } from "../components/names";
import type { Cluster, KubernetesObject } from "./kubernetes";
import { type Ledger, readLedger } from "./ledgers";

/** The ledgers of a namespace, or of all namespaces for the empty name, from any program. */
export async function ledgersAnywhere(
  api: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<KubernetesObject[]> {
  const path = namespace === "" ? "/api/v1/configmaps" : `/api/v1/namespaces/${namespace}/configmaps`;
  const query = { labelSelector: `${ledgerLabel},${jobLabel}` };
  const { items } = (await api.request("GET", path, { query, signal })) as { items: KubernetesObject[] };
  return items;
}

/** The ledgers among some objects, and their clusters, sorted by name. */
export function clustersOf(objects: readonly KubernetesObject[]): {
  clusters: { cluster: string; namespace: string }[];
  ledgers: Ledger[];
} {
  const ledgers = objects.filter(isLedger).map(readLedger);
  const byName = new Map(
    ledgers.map(({ cluster, namespace }) => [`${namespace}/${cluster}`, { cluster, namespace }]),
  );
  const clusters = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cluster]) => cluster);
  return { clusters, ledgers: ledgers.sort((a, b) => (a.job < b.job ? -1 : 1)) };
}

function isLedger({ metadata }: KubernetesObject): boolean {
  const labels = (metadata as { labels?: Record<string, string> } | undefined)?.labels ?? {};
  const [name] = ledgerLabel.split("=");
  return labels[name!] !== undefined && labels[jobLabel] !== undefined;
}

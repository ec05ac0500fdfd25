/**
 * The port where a Flink process serves metrics for Prometheus: the reporter's default, and its name in the
 * pod.
 */
export const metricsPort = { name: "metrics", port: 9249 } as const;

/** Labels that distinguish the series of a cluster from those of others, whoever collects them. */
export const clusterLabel = "flink_cluster";
export const namespaceLabel = "flink_namespace";

/** Flink's own labels that the alerts and the dashboard use. */
export const neededLabels = ["job_name", "task_name", "tm_id"];

/** A PromQL selector for the series of one cluster. */
export function selector(namespace: string, cluster: string): string {
  return `{${namespaceLabel}="${namespace}", ${clusterLabel}="${cluster}"}`;
}

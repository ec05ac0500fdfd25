/** Where a Flink process offers its metrics to Prometheus: the reporter's default port, and its name on the pod. */
export const metricsPort = { name: "metrics", port: 9249 } as const;

/** The labels by which the series of a cluster are told from those of others, whoever collects them. */
export const clusterLabel = "flink_cluster";
export const namespaceLabel = "flink_namespace";

/** Flink's own labels that alerts and dashboard go by. */
export const neededLabels = ["job_name", "task_name", "tm_id"];

/** The series of one cluster, as a selector of PromQL. */
export function selector(namespace: string, cluster: string): string {
  return `{${namespaceLabel}="${namespace}", ${clusterLabel}="${cluster}"}`;
}

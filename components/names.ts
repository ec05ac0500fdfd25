import { createHash } from "node:crypto";

/** Ports are pinned, so that NetworkPolicies and probes can name them. */
export { PORTS as ports } from "./flink/defaults";

/** The parts of a cluster that run in pods; value of the label `app.kubernetes.io/component`. */
export type Component =
  "jobmanager" | "taskmanager" | "submitter" | "guard" | "historyserver" | "sql-gateway";

/** Kubernetes refuses longer Service and Job names, and longer label values. */
const maximumNameLength = 63;

/** Longest name of a cluster or a job: leaves room for the suffixes of the objects, and Flink's own limit for cluster ids. */
export const maximumClusterNameLength = 45;

/**
 * Names of clusters and jobs: DNS labels without two dashes in a row, which stand between a cluster's name and a job's. So job `b-c` of
 * cluster `a` and job `c` of cluster `a-b` do not meet in one namespace.
 */
export const componentName = /^[a-z](-?[a-z0-9])*$/;

/** A DNS label: what Kubernetes takes for the names of Services and namespaces. */
export const dnsLabel = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** A DNS name of one or more labels: what Kubernetes takes for the names of most other objects, such as Secrets. */
export const dnsName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * Joins the parts of an object's name with dashes. A name that is too long for Kubernetes keeps its beginning and ends in
 * a hash of the whole, so that different names stay different.
 */
export function objectName(...parts: string[]): string {
  return nameWithin(maximumNameLength, parts);
}

/** The same for a CronJob, whose Jobs' names are longer than its own. */
export function cronJobName(...parts: string[]): string {
  return nameWithin(52, parts);
}

function nameWithin(length: number, parts: string[]): string {
  const whole = parts.join("-");
  if (whole.length <= length) return whole;
  const hash = contentHash(whole);
  const head = whole.slice(0, length - hash.length - 1).replace(/-+$/, "");
  return `${head}-${hash}`;
}

/** Host name of the headless Service in front of the JobManager pods. */
export function jobManagerHost(cluster: string, namespace: string): string {
  return `${objectName(cluster, "jobmanager")}.${namespace}.svc`;
}

/** Labels that select the pods of one component of one cluster. They never change: selectors of Deployments cannot. */
export function selectorLabels(cluster: string, component: Component): Record<string, string> {
  return {
    "app.kubernetes.io/name": "flink",
    "app.kubernetes.io/instance": cluster,
    "app.kubernetes.io/component": component,
  };
}

/** Labels of everything that belongs to a cluster; with the component where an object belongs to one. */
export function objectLabels(cluster: string, component?: Component): Record<string, string> {
  return {
    "app.kubernetes.io/name": "flink",
    "app.kubernetes.io/instance": cluster,
    ...(component ? { "app.kubernetes.io/component": component } : {}),
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

/** The label that submission pods and objects of one job carry besides. */
export const jobLabel = "flink-kubernetes/job";

/** Says on which cluster a job was started (FlinkConnection.restartHash): on its ledger, and on the JobManager's Deployment. */
export const restartHashAnnotation = "flink-kubernetes/restart-hash";

/** Says on the JobManager's Deployment how its REST API is spoken to: `http` or `https`. */
export const restSchemeAnnotation = "flink-kubernetes/rest-scheme";

/** The label of ledgers alone, by which those of a cluster are found. */
export const ledgerLabel = "flink-kubernetes/ledger";

/** Short hash (8 hex digits) of plain data; the order of an object's keys does not matter. */
export function contentHash(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex").slice(0, 8);
}

/** JSON with sorted keys, so that equal data gives equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== "object" || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

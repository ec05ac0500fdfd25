import { createHash } from "node:crypto";

/** Fixed ports, so that NetworkPolicies and probes can name them. */
export { PORTS as ports } from "./flink/defaults";

/** Parts of a cluster that run in pods; values of the label `app.kubernetes.io/component`. */
export type Component =
  "jobmanager" | "taskmanager" | "submitter" | "guard" | "historyserver" | "sql-gateway";

/** Kubernetes refuses longer names of Services and Jobs, and longer label values. */
const maximumNameLength = 63;

/**
 * Longest name of a cluster or a job. It leaves room for the suffixes of object names and for Flink's limit
 * on cluster ids.
 */
export const maximumClusterNameLength = 45;

/**
 * Names of clusters and jobs: DNS labels without two dashes in a row, since two dashes separate a cluster's
 * name from a job's. So job `b-c` of cluster `a` and job `c` of cluster `a-b` do not collide in a namespace.
 */
export const componentName = /^[a-z](-?[a-z0-9])*$/;

/** A DNS label, which Kubernetes requires for names of Services and namespaces. */
export const dnsLabel = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/**
 * A DNS name of one or more labels, which Kubernetes requires for names of most other objects, such as
 * Secrets.
 */
export const dnsName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * Joins the parts of an object's name with dashes. A name that is too long is shortened and ends in a hash of
 * the whole name, so that different names stay different.
 */
export function objectName(...parts: string[]): string {
  return nameWithin(maximumNameLength, parts);
}

/** The same for a CronJob, whose Jobs have longer names than itself. */
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

/**
 * Labels that select the pods of one component of one cluster. They never change, because selectors of
 * Deployments are immutable.
 */
export function selectorLabels(cluster: string, component: Component): Record<string, string> {
  return {
    "app.kubernetes.io/name": "flink",
    "app.kubernetes.io/instance": cluster,
    "app.kubernetes.io/component": component,
  };
}

/** Labels of every object of a cluster, with the component for objects of a single component. */
export function objectLabels(cluster: string, component?: Component): Record<string, string> {
  return {
    "app.kubernetes.io/name": "flink",
    "app.kubernetes.io/instance": cluster,
    ...(component ? { "app.kubernetes.io/component": component } : {}),
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

/** Additional label of submission pods and objects of one job. */
export const jobLabel = "flink-kubernetes/job";

/**
 * FlinkConnection.restartHash on the ledger and on the JobManager's Deployment: identifies the cluster that a
 * job was started on.
 */
export const restartHashAnnotation = "flink-kubernetes/restart-hash";

/** Protocol of the JobManager's REST API, on its Deployment: `http` or `https`. */
export const restSchemeAnnotation = "flink-kubernetes/rest-scheme";

/** Label of ledgers only, for finding the ledgers of a cluster. */
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

import type { KubernetesObject } from "../../local/kubernetes";

/** What Kubernetes itself assigns to an object, different for any two objects whoever applied them. */
const ASSIGNED = new Set([
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "generation",
  "managedFields",
  "clusterIP",
  "clusterIPs",
  "ownerReferences",
]);
const ASSIGNED_LABELS = /^(batch\.kubernetes\.io\/)?controller-uid$|^deployment\.kubernetes\.io\/revision$/;

/**
 * The objects without what may differ between the engine and the engine-less path (design.md): status, managedFields, uid, resourceVersion,
 * `pulumi.com/*`, random values. By kind and name, so that a difference is shown where it is.
 */
export function withoutPermitted(objects: KubernetesObject[]): Record<string, unknown> {
  return Object.fromEntries(
    objects
      .map((object) => [`${object.kind} ${object.metadata.name}`, stripped(object)] as const)
      .sort(([a], [b]) => a.localeCompare(b)),
  );
}

function stripped(object: KubernetesObject): unknown {
  return JSON.parse(JSON.stringify({ ...object, status: undefined }), (key, value: unknown) => {
    // What a ledger says of its submission is derived from the uid of the Job object (the second half of the job's id, and the uid itself), and Flink calls each jar otherwise.
    if (key === "submission" || key === "jarId") return undefined;
    if (key === "jobId") return String(value).slice(0, 16);
    if (ASSIGNED.has(key) || ASSIGNED_LABELS.test(key) || key.startsWith("pulumi.com/")) return undefined;
    return value;
  });
}

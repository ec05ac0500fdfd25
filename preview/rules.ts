import { at, type Change, type Json, type JsonObject, kindOf, same } from "./normal";

export type Operation = "create" | "update" | "replace" | "delete" | "same";

export interface Verdict {
  operation: Operation;
  /** Input paths that cause the object's replacement. */
  because: string[];
}

/**
 * Immutable fields, besides name and namespace, for which the Kubernetes provider replaces an object. By
 * kind; `*` stands for every element of a list.
 */
const immutable: Record<string, readonly string[]> = {
  Deployment: ["spec.selector"],
  DaemonSet: ["spec.selector"],
  StatefulSet: [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  Job: ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  PersistentVolumeClaim: ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  PersistentVolume: ["spec.csi", "spec.hostPath", "spec.local", "spec.nfs"],
  ResourceQuota: ["spec.scopes"],
  Service: ["spec.clusterIP"],
  RoleBinding: ["roleRef"],
  ClusterRoleBinding: ["roleRef"],
  StorageClass: ["parameters", "provisioner"],
  // Unless the provider is configured otherwise (enableSecretMutable, enableConfigMapMutable).
  Secret: ["type", "data", "stringData"],
  ConfigMap: ["binaryData", "data"],
};

const everywhere = ["metadata.name", "metadata.namespace"] as const;

/** What happens to a resource, from its inputs alone. */
export function verdictOf(change: Change): Verdict {
  const { before, after, type, hint } = change;
  if (before === undefined) return { operation: "create", because: [] };
  if (after === undefined) return { operation: "delete", because: [] };
  const because = replacementPaths(type, before, after);
  if (because.length > 0) return { operation: "replace", because };
  if (!same(before, after)) return { operation: "update", because: [] };
  // The shown inputs do not contain the difference: a secret value, or a change that the provider found on
  // the cluster.
  if (hint && (hint.operation === "update" || hint.operation === "replace")) {
    return { operation: hint.operation, because: hint.operation === "replace" ? hint.paths : [] };
  }
  return { operation: "same", because: [] };
}

/**
 * Paths whose difference causes a replacement. Components are never replaced. Only Kubernetes' rules are
 * known, not those of other providers.
 */
export function decisivePaths(type: string): string[] {
  const kind = kindOf(type);
  return kind === undefined ? [] : [...everywhere, ...(immutable[kind] ?? [])];
}

export function replacementPaths(type: string, before: JsonObject, after: JsonObject): string[] {
  return decisivePaths(type).filter((path) => {
    const keys = path.split(".");
    const [was, is] = [at(before, ...keys), at(after, ...keys)];
    // Pulumi keeps a generated name; a missing namespace is the provider's.
    if (path.startsWith("metadata.") && (was === undefined || is === undefined)) return false;
    if (path === "spec.clusterIP") return headless(was) !== headless(is);
    return !same(was, is);
  });
}

/** Kubernetes assigns a Service's address. Only a change from or to "None" is the program's. */
function headless(clusterIP: Json | undefined): boolean {
  return clusterIP === "None";
}

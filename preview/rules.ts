import { at, type Change, type Json, type JsonObject, kindOf, same } from "./normal";

export type Operation = "create" | "update" | "replace" | "delete" | "same";

export interface Verdict {
  operation: Operation;
  /** Input paths for which the object is replaced. */
  because: string[];
}

/**
 * What the Kubernetes provider replaces an object for, beside its name and namespace: fields that Kubernetes does not let change. By kind, `*` stands for every
 * element of a list.
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
  // Unless the provider is told otherwise (enableSecretMutable, enableConfigMapMutable).
  Secret: ["type", "data", "stringData"],
  ConfigMap: ["binaryData", "data"],
};

const everywhere = ["metadata.name", "metadata.namespace"] as const;

/** What becomes of a resource, from its inputs alone. */
export function verdictOf(change: Change): Verdict {
  const { before, after, type, hint } = change;
  if (before === undefined) return { operation: "create", because: [] };
  if (after === undefined) return { operation: "delete", because: [] };
  const because = replacementPaths(type, before, after);
  if (because.length > 0) return { operation: "replace", because };
  if (!same(before, after)) return { operation: "update", because: [] };
  // What differs is not in the inputs as they are shown: a secret value, or what the provider found on the cluster.
  if (hint && (hint.operation === "update" || hint.operation === "replace")) {
    return { operation: hint.operation, because: hint.operation === "replace" ? hint.paths : [] };
  }
  return { operation: "same", because: [] };
}

/** Where a difference replaces. Components are the program's own: there is nothing to replace. Providers' rules are only known for Kubernetes. */
export function decisivePaths(type: string): string[] {
  const kind = kindOf(type);
  return kind === undefined ? [] : [...everywhere, ...(immutable[kind] ?? [])];
}

export function replacementPaths(type: string, before: JsonObject, after: JsonObject): string[] {
  return decisivePaths(type).filter((path) => {
    const keys = path.split(".");
    const [was, is] = [at(before, ...keys), at(after, ...keys)];
    // A name that the program leaves to Pulumi is kept; a namespace that is left out is the provider's.
    if (path.startsWith("metadata.") && (was === undefined || is === undefined)) return false;
    if (path === "spec.clusterIP") return headless(was) !== headless(is);
    return !same(was, is);
  });
}

/** Kubernetes gives a Service its address: only from and to "None" is a change that the program asks for. */
function headless(clusterIP: Json | undefined): boolean {
  return clusterIP === "None";
}

import type { JsonObject } from "./json";
import { StackError } from "./events";

export const KUBERNETES_PROVIDER = "pulumi:providers:kubernetes";

/** Inputs without an effect on the objects: the cluster's address, and the connection to it. */
const WITHOUT_EFFECT = new Set([
  "kubeconfig",
  "context",
  "cluster",
  "clusterIdentifier",
  "upsertExistingObjects",
  "enableServerSideApply",
  "enableConfigMapMutable",
  "enableSecretMutable",
  "enablePatchForce",
  "suppressDeprecationWarnings",
  "suppressHelmHookWarnings",
  "helmReleaseSettings",
  "kubeClientSettings",
]);

/**
 * The default namespace of a `kubernetes.Provider`, if any. Refuses inputs that a recording cannot support.
 */
export function defaultNamespace(inputs: JsonObject): { namespace?: string } | { refused: string } {
  const { namespace, ...others } = inputs;
  for (const [key, value] of Object.entries(others)) {
    if (!WITHOUT_EFFECT.has(key) && value !== null && value !== "false") {
      return {
        refused: `the provider's "${key}" needs the Pulumi engine. Remove it, or run with the engine.`,
      };
    }
  }
  return typeof namespace === "string" ? { namespace } : {};
}

/** The same for the stack's configuration `kubernetes:*`. */
export function configuredNamespace(config: Record<string, string>): string | undefined {
  const configured = Object.entries(config)
    .filter(([key]) => key.startsWith("kubernetes:"))
    .map(([key, value]) => [key.slice("kubernetes:".length), value] as const);
  const found = defaultNamespace(Object.fromEntries(configured));
  if ("refused" in found) {
    throw new StackError(`Stack configuration kubernetes:*: ${found.refused}`);
  }
  return found.namespace;
}

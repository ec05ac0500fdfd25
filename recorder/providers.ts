import type { JsonObject } from "./json";
import { StackError } from "./events";

export const KUBERNETES_PROVIDER = "pulumi:providers:kubernetes";

/** Inputs that change nothing in the objects: where the cluster is, and how the provider talks to it. */
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

/** The namespace that a `kubernetes.Provider` gives to objects without one, if any; what it asks beyond a recording is refused by name. */
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

/** The same of the stack's configuration `kubernetes:*`. */
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

import type { JsonObject } from "../json";
import type { Connection } from "../kubernetes";
import { StackError } from "./events";

/** What an explicit provider says, in a form that can be kept for a later `down`. */
export interface ProviderSettings extends Connection {
  namespace?: string;
  upsert?: boolean;
}

export const KUBERNETES_PROVIDER = "pulumi:providers:kubernetes";

/** Inputs that this path does what it does anyway with, or that only concern the engine's own client. */
const WITHOUT_EFFECT = new Set([
  "clusterIdentifier",
  "enableConfigMapMutable",
  "enableSecretMutable",
  "enablePatchForce",
  "suppressDeprecationWarnings",
  "suppressHelmHookWarnings",
  "helmReleaseSettings",
  "kubeClientSettings",
]);

/** Reads the inputs of a `kubernetes.Provider`; what it cannot honour, it refuses by name. */
export function providerSettings(inputs: JsonObject): ProviderSettings | { refused: string } {
  const { kubeconfig, context, cluster, namespace, upsertExistingObjects, ...others } = inputs;
  for (const [key, value] of Object.entries(others)) {
    const harmless =
      WITHOUT_EFFECT.has(key) ||
      value === null ||
      value === "false" ||
      (key === "enableServerSideApply" && value === "true");
    if (!harmless) {
      return {
        refused: `the provider's "${key}" needs the Pulumi engine. Remove it, or run with the engine.`,
      };
    }
  }
  if (inputs.enableServerSideApply === "false") {
    return {
      refused:
        "objects are only applied on the server's side here. Remove enableServerSideApply, or run with the engine.",
    };
  }
  const settings: ProviderSettings = { upsert: upsertExistingObjects === "true" };
  if (kubeconfig != null) {
    settings.kubeconfig = typeof kubeconfig === "string" ? kubeconfig : JSON.stringify(kubeconfig);
  }
  for (const [key, value] of Object.entries({ context, cluster, namespace })) {
    if (typeof value === "string") {
      settings[key as "context" | "cluster" | "namespace"] = value;
    }
  }
  return settings;
}

/** What the stack's configuration `kubernetes:*` says of the default provider. */
export function configuredSettings(config: Record<string, string>): ProviderSettings {
  const configured = Object.entries(config)
    .filter(([key]) => key.startsWith("kubernetes:"))
    .map(([key, value]) => [key.slice("kubernetes:".length), value] as const);
  const settings = providerSettings(Object.fromEntries(configured));
  if ("refused" in settings) {
    throw new StackError(`Stack configuration kubernetes:*: ${settings.refused}`);
  }
  return settings;
}

import type * as pulumi from "@pulumi/pulumi";
import type { ShapeOf } from "./shape";

/**
 * How KEDA scales the TaskManagers. The bounds are those of `autoscaling`; there is always at least one TaskManager, since jobs would only
 * wait without.
 */
export interface KedaArgs {
  /** What to scale by, at least one. The trigger that wants most TaskManagers decides. */
  triggers: KedaTriggerArgs[];

  /** How often KEDA looks at the triggers, in seconds. Default: 30, as KEDA's. */
  pollingInterval?: number;

  /** How many TaskManagers there are while KEDA cannot read the triggers. Default: those that there are. */
  fallback?: KedaFallbackArgs;
}

/** One trigger, in KEDA's terms; its page in KEDA's documentation says what belongs into `metadata`. */
export interface KedaTriggerArgs {
  /** Kind of the trigger: `kafka`, `prometheus`, `cpu`, `cron`, … */
  type: string;

  /** What the trigger needs to know. All values are strings. Secrets belong into the object that `authenticationRef` names. */
  metadata: { [name: string]: pulumi.Input<string> };

  /** The TriggerAuthentication with the credentials, in the cluster's namespace. Default: none. */
  authenticationRef?: KedaAuthenticationArgs;

  /** How the value is compared: `AverageValue` (for each TaskManager), `Value`, or `Utilization` (cpu and memory only). Default: AverageValue. */
  metricType?: string;

  /** A name, to tell triggers apart. Default: none. */
  name?: string;
}

/** Where a trigger's credentials are. */
export interface KedaAuthenticationArgs {
  /** Name of the object. */
  name: string;

  /** `TriggerAuthentication` or `ClusterTriggerAuthentication`. Default: TriggerAuthentication. */
  kind?: string;
}

/** What holds while triggers cannot be read. */
export interface KedaFallbackArgs {
  /** How many times in a row a trigger must have failed. */
  failureThreshold: number;

  /** How many TaskManagers there are then; from the minimum to the maximum. */
  replicas: number;
}

const authentication: ShapeOf<KedaAuthenticationArgs> = { name: "text", kind: "text" };

const trigger: ShapeOf<KedaTriggerArgs> = {
  type: "text",
  metadata: { hidden: "inputMap" },
  authenticationRef: { object: authentication },
  metricType: "text",
  name: "text",
};

const fallback: ShapeOf<KedaFallbackArgs> = { failureThreshold: "number", replicas: "number" };

export const kedaShape: ShapeOf<KedaArgs> = {
  triggers: { list: trigger },
  pollingInterval: "number",
  fallback: { object: fallback },
};

import type * as pulumi from "@pulumi/pulumi";
import type { ShapeOf } from "./shape";

/**
 * How KEDA scales the TaskManagers, within the bounds of `autoscaling`. There is always at least one
 * TaskManager, since jobs could only wait without one.
 */
export interface KedaArgs {
  /** Triggers to scale by, at least one. The trigger that asks for the most TaskManagers decides. */
  triggers: KedaTriggerArgs[];

  /** Seconds between two checks of the triggers. Default: 30, as in KEDA. */
  pollingInterval?: number;

  /** Number of TaskManagers while KEDA cannot read the triggers. Default: the current number. */
  fallback?: KedaFallbackArgs;
}

/** One trigger, in KEDA's terms. Its page in KEDA's documentation describes its `metadata`. */
export interface KedaTriggerArgs {
  /** Kind of the trigger: `kafka`, `prometheus`, `cpu`, `cron`, … */
  type: string;

  /**
   * Parameters of the trigger, all as strings. Secrets belong in the object that `authenticationRef` names.
   */
  metadata: { [name: string]: pulumi.Input<string> };

  /** The TriggerAuthentication with the credentials, in the cluster's namespace. Default: none. */
  authenticationRef?: KedaAuthenticationArgs;

  /**
   * How the value is compared: `AverageValue` (for each TaskManager), `Value`, or `Utilization` (cpu and
   * memory only). Default: AverageValue.
   */
  metricType?: string;

  /** A name that distinguishes triggers. Default: none. */
  name?: string;
}

/** Reference to the credentials of a trigger. */
export interface KedaAuthenticationArgs {
  /** Name of the object. */
  name: string;

  /** `TriggerAuthentication` or `ClusterTriggerAuthentication`. Default: TriggerAuthentication. */
  kind?: string;
}

/** Number of TaskManagers while triggers cannot be read. */
export interface KedaFallbackArgs {
  /** Number of consecutive failures of a trigger before the fallback applies. */
  failureThreshold: number;

  /** Number of TaskManagers then, between the minimum and the maximum. */
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

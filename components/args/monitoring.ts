import type { ShapeOf } from "./shape";

/** Metrics, alerts, dashboard and the form of the logs. */
export interface MonitoringArgs {
  /** Whether every process offers its metrics to Prometheus (port 9249). Default: false. */
  prometheus?: boolean;
}

export const monitoringShape: ShapeOf<MonitoringArgs> = { prometheus: "boolean" };

import { type Context, type Feature, type Findings, forBoth } from "./additions";
import type { MonitoringModel } from "./model";

/** What `monitoring` adds to the cluster; its mistakes go to the findings. */
export function checkMonitoring({ args }: Context, _findings: Findings): Feature<MonitoringModel> {
  if (!args.monitoring) return { additions: forBoth("monitoring", {}) };
  return { additions: forBoth("monitoring", {}), model: args.monitoring };
}

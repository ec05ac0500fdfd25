import { type Context, type Feature, type Findings, forBoth } from "./additions";
import type { HighAvailabilityModel } from "./model";

/** What `highAvailability` adds to the cluster; its mistakes go to the findings. */
export function checkHighAvailability(
  { args }: Context,
  _findings: Findings,
): Feature<HighAvailabilityModel> {
  if (!args.highAvailability) return { additions: forBoth("highAvailability", {}) };
  return { additions: forBoth("highAvailability", {}), model: args.highAvailability };
}

import { type Context, type Feature, type Findings, forBoth } from "./additions";

/** What `checkpointing` adds to the cluster; its mistakes go to the findings. */
export function checkCheckpointing({ args }: Context, _findings: Findings): Feature<never> {
  if (!args.checkpointing) return { additions: forBoth("checkpointing", {}) };
  return { additions: forBoth("checkpointing", {}) };
}

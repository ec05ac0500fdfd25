import { type Context, type Feature, type Findings, forBoth } from "./additions";
import type { StorageModel } from "./model";

/** What `storage` adds to the cluster; its mistakes go to the findings. */
export function checkStorage({ args }: Context, _findings: Findings): Feature<StorageModel> {
  if (!args.storage) return { additions: forBoth("storage", {}) };
  return { additions: forBoth("storage", {}), model: args.storage };
}

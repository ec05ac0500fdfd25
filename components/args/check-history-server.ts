import { type Context, type Feature, type Findings, forBoth } from "./additions";
import type { HistoryServerModel } from "./model";

/** What `historyServer` adds to the cluster; its mistakes go to the findings. */
export function checkHistoryServer({ args }: Context, _findings: Findings): Feature<HistoryServerModel> {
  if (!args.historyServer) return { additions: forBoth("historyServer", {}) };
  return { additions: forBoth("historyServer", {}), model: args.historyServer };
}

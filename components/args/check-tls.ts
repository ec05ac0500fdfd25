import { type Context, type Feature, type Findings, forBoth } from "./additions";
import type { TlsModel } from "./model";

/** What `tls` adds to the cluster; its mistakes go to the findings. */
export function checkTls({ args }: Context, _findings: Findings): Feature<TlsModel> {
  if (!args.tls) return { additions: forBoth("tls", {}) };
  return { additions: forBoth("tls", {}), model: args.tls };
}

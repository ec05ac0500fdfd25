import type { Context, Findings } from "./additions";
import type { ExposureModel } from "./model";

/** What `exposure` asks for; its mistakes go to the findings. It adds nothing to the pods. */
export function checkExposure({ args }: Context, _findings: Findings): ExposureModel | undefined {
  return args.exposure;
}

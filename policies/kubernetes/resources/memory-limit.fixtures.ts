import type { Fixtures } from "../../core/fixtures";
import { podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [podOf({ resources: { requests: { memory: "1Gi" } } })],
      at: ["spec.containers[0].resources.limits.memory"],
    },
  ],
  passes: [{ manifests: [podOf({ resources: { limits: { memory: "1Gi" } } })] }],
};

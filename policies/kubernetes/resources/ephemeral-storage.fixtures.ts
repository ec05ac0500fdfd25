import type { Fixtures } from "../../core/fixtures";
import { deployment, podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [podOf({ resources: { requests: { "ephemeral-storage": "1Gi" } } })],
      at: ["spec.containers[0].resources.limits.ephemeral-storage"],
    },
    { manifests: [deployment()] },
  ],
  passes: [{ manifests: [podOf({ resources: { limits: { "ephemeral-storage": "1Gi" } } })] }],
};

import type { Fixtures } from "../../core/fixtures";
import { podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [podOf({ resources: { requests: { memory: "1Gi" }, limits: { memory: "3Gi" } } })] },
    {
      manifests: [podOf({ resources: { requests: { cpu: "500m" }, limits: { cpu: 2 } } })],
      config: { cpu: 3 },
    },
  ],
  passes: [
    {
      manifests: [
        podOf({ resources: { requests: { cpu: "250m", memory: "1Gi" }, limits: { cpu: 2, memory: "2Gi" } } }),
      ],
    },
    { manifests: [podOf({ resources: { limits: { cpu: 2 } } })] },
  ],
};

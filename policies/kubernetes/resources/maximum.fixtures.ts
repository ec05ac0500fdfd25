import type { Fixtures } from "../../core/fixtures";
import { podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [podOf({ resources: { requests: { cpu: 64 } } })], config: { cpu: "32" } },
    { manifests: [podOf({ resources: { limits: { memory: "128Gi" } } })], config: { memory: "64Gi" } },
  ],
  passes: [
    { manifests: [podOf({ resources: { requests: { cpu: 64 } } })] },
    {
      manifests: [podOf({ resources: { requests: { cpu: 32, memory: "64Gi" } } })],
      config: { cpu: "32", memory: "64Gi" },
    },
  ],
};

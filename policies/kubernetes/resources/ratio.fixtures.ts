import type { Fixtures } from "../../core/fixtures";
import { pod, podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [podOf({ resources: { requests: { memory: "1Gi" }, limits: { memory: "3Gi" } } })] },
    {
      manifests: [podOf({ resources: { requests: { cpu: "500m" }, limits: { cpu: 2 } } })],
      config: { cpu: 3 },
    },
    {
      manifests: [podOf({ resources: { requests: { cpu: "5m" }, limits: { cpu: 1 } } })],
      config: { smallCpu: "500m" },
    },
    {
      manifests: [podOf({ resources: { requests: { memory: "32Mi" }, limits: { memory: "256Mi" } } })],
      config: { smallMemory: "128Mi" },
    },
    {
      manifests: [pod({ resources: { requests: { memory: "1Gi" }, limits: { memory: "3Gi" } } })],
      at: ["spec.resources.limits.memory"],
    },
  ],
  passes: [
    {
      manifests: [
        podOf({ resources: { requests: { cpu: "250m", memory: "1Gi" }, limits: { cpu: 2, memory: "2Gi" } } }),
      ],
    },
    { manifests: [podOf({ resources: { limits: { cpu: 2 } } })] },
    {
      about: "a small container, which is mostly idle",
      manifests: [
        podOf({
          resources: { requests: { cpu: "5m", memory: "32Mi" }, limits: { cpu: 1, memory: "256Mi" } },
        }),
      ],
    },
  ],
};

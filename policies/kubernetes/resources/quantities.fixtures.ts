import type { Fixtures } from "../../core/fixtures";
import { pod, podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      about: "m is a thousandth of a byte",
      manifests: [podOf({ resources: { limits: { memory: "2048m" } } })],
    },
    { about: "without a unit it is bytes", manifests: [podOf({ resources: { limits: { memory: 2048 } } })] },
    {
      about: "the units of Flink are others",
      manifests: [podOf({ resources: { requests: { memory: "1gb" } } })],
    },
    {
      about: "a request above its limit",
      manifests: [podOf({ resources: { requests: { cpu: 2 }, limits: { cpu: "1500m" } } })],
      at: ["spec.containers[0].resources.requests.cpu"],
    },
    { manifests: [podOf({ resources: { limits: { "ephemeral-storage": "512m" } } })] },
    {
      about: "of the pod as a whole",
      manifests: [pod({ resources: { limits: { memory: "512m" } } })],
      at: ["spec.resources.limits.memory"],
    },
  ],
  passes: [
    {
      manifests: [
        podOf({
          resources: {
            requests: { cpu: "500m", memory: "1Gi" },
            limits: { cpu: 1, memory: "1073741824", "ephemeral-storage": "2Gi" },
          },
        }),
      ],
    },
    { manifests: [podOf({ resources: { requests: { memory: "1e9" } } })] },
  ],
};

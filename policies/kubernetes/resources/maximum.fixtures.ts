import type { Fixtures } from "../../core/fixtures";
import { object, pod, podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [podOf({ resources: { requests: { cpu: 64 } } })], config: { cpu: "32" } },
    { manifests: [podOf({ resources: { limits: { memory: "128Gi" } } })], config: { memory: "64Gi" } },
    {
      manifests: [pod({ resources: { requests: { cpu: 64 } } })],
      config: { cpu: "32" },
      at: ["spec.resources.requests.cpu"],
    },
    {
      about: "once, where it is written",
      manifests: [
        object("flink.apache.org/v1beta1", "FlinkDeployment", {
          spec: { image: "flink:2.2.1", taskManager: { resource: { cpu: 64, memory: "2g" } } },
        }),
      ],
      config: { cpu: "32", memory: "4Gi" },
      at: ["spec.taskManager.resource.cpu"],
    },
  ],
  passes: [
    { manifests: [podOf({ resources: { requests: { cpu: 64 } } })] },
    {
      manifests: [podOf({ resources: { requests: { cpu: 32, memory: "64Gi" } } })],
      config: { cpu: "32", memory: "64Gi" },
    },
  ],
};

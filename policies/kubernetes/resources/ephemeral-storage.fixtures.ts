import type { Fixtures } from "../../core/fixtures";
import { ample, debugged, deployment, object, podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [podOf({ resources: { requests: { "ephemeral-storage": "1Gi" } } })],
      at: ["spec.containers[0].resources.limits.ephemeral-storage"],
    },
    {
      about: "one finding for both",
      manifests: [deployment()],
      at: ["spec.template.spec.containers[0].resources.limits.ephemeral-storage"],
    },
  ],
  passes: [
    {
      about: "Flink's operator makes both of it",
      manifests: [
        object("flink.apache.org/v1beta1", "FlinkDeployment", {
          spec: {
            image: "flink:2.2.1",
            jobManager: { resource: { ephemeralStorage: "2Gi" } },
            taskManager: { resource: { ephemeralStorage: "2Gi" } },
          },
        }),
      ],
    },
    { manifests: [podOf({ resources: { limits: { "ephemeral-storage": "1Gi" } } })] },
    {
      about: "a debug container has no resources",
      manifests: [debugged({ resources: ample })],
    },
  ],
};

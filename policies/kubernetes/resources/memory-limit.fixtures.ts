import type { Fixtures } from "../../core/fixtures";
import { ample, container, debugged, object, pod, podOf } from "../manifests";

const flink = (spec: Record<string, unknown>) =>
  object("flink.apache.org/v1beta1", "FlinkDeployment", { spec: { image: "flink:2.2.1", ...spec } });

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [podOf({ resources: { requests: { memory: "1Gi" } } })],
      at: ["spec.containers[0].resources.limits.memory"],
    },
    { about: "0 is not a limit", manifests: [podOf({ resources: { limits: { memory: 0 } } })] },
    {
      about: "of another resource of the pod",
      manifests: [pod({ resources: { limits: { cpu: 1 }, requests: { memory: "1Gi" } } })],
    },
    {
      about: "a sidecar in a template for both roles, once",
      manifests: [
        flink({ podTemplate: { spec: { containers: [{ name: "log", image: "registry.example/log:1" }] } } }),
      ],
      at: ["spec.podTemplate.spec.containers[0].resources.limits.memory"],
    },
  ],
  passes: [
    { manifests: [podOf({ resources: { limits: { memory: "1Gi" } } })] },
    {
      about: "of the pod as a whole",
      manifests: [
        pod({ resources: { limits: { memory: "1Gi" } }, initContainers: [container({ name: "first" })] }),
      ],
    },
    {
      about: "Flink's operator makes the container's of these",
      manifests: [
        flink({
          jobManager: { resource: { cpu: 1, memory: "2048m" } },
          taskManager: { resources: { requests: { memory: "2Gi" }, limits: { memory: "2Gi" } } },
        }),
      ],
    },
    { about: "and of its own defaults where there are none", manifests: [flink({})] },
    {
      about: "a debug container has no resources",
      manifests: [debugged({ resources: ample })],
    },
  ],
};

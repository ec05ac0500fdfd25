import type { Fixtures } from "../../core/fixtures";
import { ample, container, debugged, deployment, object, pod, podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [deployment()],
      at: [
        "spec.template.spec.containers[0].resources.requests.cpu",
        "spec.template.spec.containers[0].resources.requests.memory",
      ],
    },
    {
      about: "init containers count",
      manifests: [
        pod({
          containers: [container({ resources: { requests: { cpu: 1, memory: "1Gi" } } })],
          initContainers: [container()],
        }),
      ],
    },
    {
      about: "0 is not a request",
      manifests: [podOf({ resources: { requests: { cpu: 0, memory: "0" }, limits: { cpu: 1 } } })],
      at: ["spec.containers[0].resources.requests.cpu", "spec.containers[0].resources.requests.memory"],
    },
    {
      about: "the pod says the one, not the other",
      manifests: [pod({ resources: { requests: { cpu: 1 } } })],
      at: ["spec.containers[0].resources.requests.memory"],
    },
  ],
  passes: [
    {
      about: "of the pod as a whole",
      manifests: [pod({ resources: { requests: { cpu: 1 }, limits: { memory: "1Gi" } } })],
    },
    {
      about: "Flink's operator makes the container's of these",
      manifests: [
        object("flink.apache.org/v1beta1", "FlinkDeployment", {
          spec: { image: "flink:2.2.1", jobManager: { resource: { cpu: 0.5, memory: "2048m" } } },
        }),
      ],
    },
    { manifests: [podOf({ resources: { requests: { cpu: "500m", memory: "512Mi" } } })] },
    {
      about: "a limit is also the request",
      manifests: [podOf({ resources: { limits: { cpu: 1, memory: "1Gi" } } })],
    },
    {
      about: "a debug container has no resources",
      manifests: [debugged({ resources: ample })],
    },
  ],
};

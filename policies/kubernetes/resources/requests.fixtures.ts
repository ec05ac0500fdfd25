import type { Fixtures } from "../../core/fixtures";
import { container, deployment, pod, podOf } from "../manifests";

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
  ],
  passes: [
    { manifests: [podOf({ resources: { requests: { cpu: "500m", memory: "512Mi" } } })] },
    {
      about: "a limit is also the request",
      manifests: [podOf({ resources: { limits: { cpu: 1, memory: "1Gi" } } })],
    },
  ],
};

import type { Fixtures } from "../../core/fixtures";
import { pod, podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      about: "of the pod as a whole",
      manifests: [pod({ resources: { requests: { memory: "1Gi" }, limits: { memory: "2Gi" } } })],
      at: ["spec.resources.requests.memory"],
    },
    { manifests: [podOf({ resources: { requests: { memory: "1Gi" }, limits: { memory: "2Gi" } } })] },
  ],
  passes: [
    { manifests: [podOf({ resources: { requests: { memory: "1024Mi" }, limits: { memory: "1Gi" } } })] },
  ],
};

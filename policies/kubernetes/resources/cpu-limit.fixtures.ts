import type { Fixtures } from "../../core/fixtures";
import { ample, debugged, pod, podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [podOf({ resources: { limits: { cpu: "0" } } })] },
    { manifests: [podOf({ resources: { requests: { cpu: 1 } } })] },
  ],
  passes: [
    { manifests: [pod({ resources: { limits: { cpu: 1 } } })] },
    { manifests: [podOf({ resources: { limits: { cpu: 1 } } })] },
    {
      about: "a debug container has no resources",
      manifests: [debugged({ resources: ample })],
    },
  ],
};

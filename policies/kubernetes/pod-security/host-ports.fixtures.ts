import type { Fixtures } from "../../core/fixtures";
import { container, pod, podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [podOf({ ports: [{ containerPort: 8080, hostPort: 8080 }] })] },
    {
      manifests: [pod({ ephemeralContainers: [container({ ports: [{ containerPort: 1, hostPort: 1 }] })] })],
    },
  ],
  passes: [
    { manifests: [podOf({ ports: [{ containerPort: 8080, hostPort: 0 }, { containerPort: 8081 }] })] },
  ],
};

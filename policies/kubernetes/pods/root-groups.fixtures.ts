import type { Fixtures } from "../../core/fixtures";
import { pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [pod({ securityContext: { runAsGroup: 0 } })] },
    { manifests: [pod({ securityContext: { fsGroup: 0 } })] },
    {
      manifests: [pod({ securityContext: { supplementalGroups: [1000, 0] } })],
      at: ["spec.securityContext.supplementalGroups[1]"],
    },
    { manifests: [secured({ runAsGroup: 0 })] },
  ],
  passes: [{ manifests: [pod({ securityContext: { runAsGroup: 9999, fsGroup: 9999 } })] }],
};

import type { Fixtures } from "../../core/fixtures";
import { container, pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [secured({ windowsOptions: { hostProcess: true } })] },
    { manifests: [pod({ securityContext: { windowsOptions: { hostProcess: true } } })] },
    {
      manifests: [
        pod({ initContainers: [container({ securityContext: { windowsOptions: { hostProcess: true } } })] }),
      ],
    },
  ],
  passes: [{ manifests: [secured({ windowsOptions: { hostProcess: false } })] }],
};

import type { Fixtures } from "../../core/fixtures";
import { container, pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [secured({ privileged: true })] },
    {
      about: "an init container",
      manifests: [pod({ initContainers: [container({ securityContext: { privileged: true } })] })],
    },
    {
      about: "an ephemeral container",
      manifests: [pod({ ephemeralContainers: [container({ securityContext: { privileged: true } })] })],
    },
  ],
  passes: [{ manifests: [secured({ privileged: false })] }, { manifests: [pod({})] }],
};

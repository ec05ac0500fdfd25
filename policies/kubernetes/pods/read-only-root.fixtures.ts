import type { Fixtures } from "../../core/fixtures";
import { container, deployment, pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [deployment()] }, { manifests: [secured({ readOnlyRootFilesystem: false })] }],
  passes: [
    { manifests: [secured({ readOnlyRootFilesystem: true })] },
    { manifests: [deployment()], config: { allow: ["main"] } },
    { manifests: [pod({ os: { name: "windows" } })] },
    {
      about: "what is put into a running pod to look at it",
      manifests: [
        pod({
          containers: [container({ securityContext: { readOnlyRootFilesystem: true } })],
          ephemeralContainers: [{ name: "debug", image: "registry.example/debug:1" }],
        }),
      ],
    },
  ],
};

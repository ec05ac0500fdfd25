import type { Fixtures } from "../../core/fixtures";
import { container, deployment, pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [deployment()] }, { manifests: [secured({ readOnlyRootFilesystem: false })] }],
  passes: [
    { manifests: [secured({ readOnlyRootFilesystem: true })] },
    { manifests: [deployment()], config: { allow: ["main"] } },
    { manifests: [pod({ os: { name: "windows" } })] },
    {
      about: "a debug container",
      manifests: [
        pod({
          containers: [container({ securityContext: { readOnlyRootFilesystem: true } })],
          ephemeralContainers: [{ name: "debug", image: "registry.example/debug:1" }],
        }),
      ],
    },
  ],
};

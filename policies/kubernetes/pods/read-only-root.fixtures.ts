import type { Fixtures } from "../../core/fixtures";
import { debugged, deployment, pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [deployment()] }, { manifests: [secured({ readOnlyRootFilesystem: false })] }],
  passes: [
    { manifests: [secured({ readOnlyRootFilesystem: true })] },
    { manifests: [deployment()], config: { allow: ["main"] } },
    { manifests: [pod({ os: { name: "windows" } })] },
    {
      about: "a debug container",
      manifests: [debugged({ securityContext: { readOnlyRootFilesystem: true } })],
    },
  ],
};

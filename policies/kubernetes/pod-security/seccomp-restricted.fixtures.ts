import type { Fixtures } from "../../core/fixtures";
import { container, pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [pod({})] },
    { manifests: [secured({ seccompProfile: { type: "Unconfined" } })] },
    {
      about: "the containers' profiles do not make up for the pod's",
      manifests: [
        pod({
          securityContext: { seccompProfile: { type: "Unconfined" } },
          containers: [container({ securityContext: { seccompProfile: { type: "RuntimeDefault" } } })],
        }),
      ],
      at: ["spec.securityContext.seccompProfile.type"],
    },
    {
      about: "one container has none",
      manifests: [
        pod({
          containers: [
            container({ securityContext: { seccompProfile: { type: "RuntimeDefault" } } }),
            container({ name: "second" }),
          ],
        }),
      ],
      at: ["spec.containers[1].securityContext.seccompProfile.type"],
    },
    {
      about: "Windows counts since 1.25",
      manifests: [pod({ os: { name: "windows" } })],
      config: { podSecurityVersion: "v1.24" },
    },
    { manifests: [pod({})], config: { podSecurityVersion: "v1.19" } },
    { manifests: [pod({ hostUsers: false })] },
    { manifests: [pod({ containers: [], ephemeralContainers: [container()] })] },
  ],
  passes: [
    { manifests: [pod({ securityContext: { seccompProfile: { type: "RuntimeDefault" } } })] },
    { manifests: [secured({ seccompProfile: { type: "Localhost", localhostProfile: "a" } })] },
    { manifests: [pod({ os: { name: "windows" } })] },
    { manifests: [pod({})], config: { podSecurityVersion: "v1.18" } },
    { manifests: [pod({})], config: { podSecurityLevel: "baseline" } },
  ],
};

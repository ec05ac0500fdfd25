import type { Fixtures } from "../../core/fixtures";
import { container, pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { about: "Kubernetes allows it unless told not to", manifests: [pod({})] },
    { manifests: [secured({ allowPrivilegeEscalation: true })] },
    { manifests: [secured({ allowPrivilegeEscalation: null })] },
    {
      manifests: [
        pod({
          containers: [container({ securityContext: { allowPrivilegeEscalation: false } })],
          ephemeralContainers: [container()],
        }),
      ],
    },
    {
      manifests: [
        pod({
          containers: [container({ securityContext: { allowPrivilegeEscalation: false } })],
          initContainers: [container()],
        }),
      ],
    },
    { manifests: [pod({ os: { name: "windows" } })], config: { podSecurityVersion: "v1.24" } },
    { manifests: [pod({})], config: { podSecurityVersion: "v1.8" } },
    { about: "a user namespace does not relax it", manifests: [pod({ hostUsers: false })] },
  ],
  passes: [
    {
      manifests: [
        pod({
          os: { name: "windows" },
          containers: [container({ securityContext: { allowPrivilegeEscalation: true } })],
        }),
      ],
    },
    { manifests: [secured({ allowPrivilegeEscalation: false })] },
    { manifests: [pod({ os: { name: "windows" } })], config: { podSecurityVersion: "v1.25" } },
    { manifests: [pod({})], config: { podSecurityVersion: "v1.7" } },
    { manifests: [pod({})], config: { podSecurityLevel: "baseline" } },
  ],
};

import type { Fixtures } from "../../core/fixtures";
import { container, pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [secured({ runAsUser: 0 })] },
    {
      about: "another user of the container does not make up for it",
      manifests: [
        pod({
          securityContext: { runAsUser: 0 },
          containers: [container({ securityContext: { runAsUser: 1000 } })],
        }),
      ],
    },
    {
      manifests: [pod({ hostUsers: false, securityContext: { runAsUser: 0 } })],
      config: { podSecurityVersion: "v1.34" },
    },
    {
      manifests: [pod({ ephemeralContainers: [container({ securityContext: { runAsUser: 0 } })] })],
      config: { podSecurityVersion: "v1.23" },
    },
  ],
  passes: [
    { manifests: [secured({ runAsUser: 9999 })] },
    { manifests: [pod({})] },
    {
      manifests: [pod({ hostUsers: false, securityContext: { runAsUser: 0 } })],
      config: { podSecurityVersion: "v1.35" },
    },
    { manifests: [secured({ runAsUser: 0 })], config: { podSecurityVersion: "v1.22" } },
    { manifests: [secured({ runAsUser: 0 })], config: { podSecurityLevel: "baseline" } },
  ],
};

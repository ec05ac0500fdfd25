import type { Fixtures } from "../../core/fixtures";
import { container, pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [pod({})] },
    {
      manifests: [
        pod({
          securityContext: { runAsNonRoot: false },
          containers: [container({ securityContext: { runAsNonRoot: true } })],
        }),
      ],
      at: ["spec.securityContext.runAsNonRoot"],
    },
    {
      manifests: [
        pod({
          securityContext: { runAsNonRoot: true },
          containers: [container({ securityContext: { runAsNonRoot: false } })],
        }),
      ],
      at: ["spec.containers[0].securityContext.runAsNonRoot"],
    },
    {
      about: "one container has none",
      manifests: [
        pod({
          containers: [container({ securityContext: { runAsNonRoot: true } }), container({ name: "second" })],
        }),
      ],
      at: ["spec.containers[1].securityContext.runAsNonRoot"],
    },
    { about: "Windows is no excuse", manifests: [pod({ os: { name: "windows" } })] },
    {
      about: "user namespaces count since 1.35",
      manifests: [pod({ hostUsers: false })],
      config: { podSecurityVersion: "v1.34" },
    },
    { manifests: [pod({ containers: [], ephemeralContainers: [container()] })] },
    { manifests: [pod({ hostUsers: true })] },
  ],
  passes: [
    { manifests: [pod({ securityContext: { runAsNonRoot: true } })] },
    { manifests: [secured({ runAsNonRoot: true })] },
    {
      manifests: [pod({ hostUsers: false, securityContext: { runAsNonRoot: false } })],
      config: { podSecurityVersion: "v1.35" },
    },
    { manifests: [pod({})], config: { podSecurityLevel: "baseline" } },
  ],
};

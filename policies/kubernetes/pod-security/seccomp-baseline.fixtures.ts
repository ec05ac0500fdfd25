import type { Fixtures } from "../../core/fixtures";
import { container, pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [secured({ seccompProfile: { type: "Unconfined" } })],
      config: { podSecurityLevel: "baseline" },
    },
    {
      manifests: [pod({ securityContext: { seccompProfile: { type: "Unconfined" } } })],
      config: { podSecurityLevel: "baseline" },
    },
    {
      about: "until 1.18 by annotation",
      manifests: [pod({}, { annotations: { "seccomp.security.alpha.kubernetes.io/pod": "unconfined" } })],
      config: { podSecurityVersion: "v1.18" },
    },
    {
      manifests: [
        pod({}, { annotations: { "container.seccomp.security.alpha.kubernetes.io/main": "unconfined" } }),
      ],
      config: { podSecurityVersion: "v1.0" },
    },
    { manifests: [secured({ seccompProfile: {} })], config: { podSecurityLevel: "baseline" } },
    {
      manifests: [
        pod({
          ephemeralContainers: [container({ securityContext: { seccompProfile: { type: "Unconfined" } } })],
        }),
      ],
      config: { podSecurityLevel: "baseline" },
    },
  ],
  passes: [
    {
      manifests: [secured({ seccompProfile: { type: "RuntimeDefault" } })],
      config: { podSecurityLevel: "baseline" },
    },
    {
      manifests: [secured({ seccompProfile: { type: "Localhost", localhostProfile: "a" } })],
      config: { podSecurityLevel: "baseline" },
    },
    { manifests: [pod({})], config: { podSecurityLevel: "baseline" } },
    {
      about: "since 1.19 annotations are ignored",
      manifests: [pod({}, { annotations: { "seccomp.security.alpha.kubernetes.io/pod": "unconfined" } })],
      config: { podSecurityLevel: "baseline", podSecurityVersion: "v1.19" },
    },
    {
      about: "an annotation for a container that is not there",
      manifests: [
        pod(
          {},
          {
            annotations: {
              "container.seccomp.security.alpha.kubernetes.io/other": "unconfined",
              "seccomp.security.alpha.kubernetes.io/pod": "docker/default",
            },
          },
        ),
      ],
      config: { podSecurityVersion: "v1.18" },
    },
    {
      about: "fields count since 1.19",
      manifests: [secured({ seccompProfile: { type: "Unconfined" } })],
      config: { podSecurityVersion: "v1.18" },
    },
    {
      manifests: [
        pod(
          {},
          {
            annotations: {
              "container.seccomp.security.alpha.kubernetes.io/main": "localhost/a",
              "seccomp.security.alpha.kubernetes.io/pod": "runtime/default",
            },
          },
        ),
      ],
      config: { podSecurityVersion: "v1.18" },
    },
  ],
};

import type { Fixtures } from "../../core/fixtures";
import { container, pod, secured } from "../manifests";

const unmaskedInUserNamespace = pod({
  hostUsers: false,
  containers: [container({ securityContext: { procMount: "Unmasked" } })],
});

export const procMountBaseline: Fixtures = {
  fails: [
    { manifests: [secured({ procMount: "Other" })], config: { podSecurityLevel: "baseline" } },
    { manifests: [secured({ procMount: "Unmasked" })], config: { podSecurityLevel: "baseline" } },
    {
      manifests: [unmaskedInUserNamespace],
      config: { podSecurityLevel: "baseline", podSecurityVersion: "v1.34" },
    },
    { manifests: [secured({ procMount: "Unmasked" })], config: { podSecurityVersion: "v1.34" } },
    {
      manifests: [
        pod({
          hostUsers: true,
          ephemeralContainers: [container({ securityContext: { procMount: "Unmasked" } })],
        }),
      ],
      config: { podSecurityLevel: "baseline" },
    },
  ],
  passes: [
    { manifests: [secured({ procMount: "Default" })], config: { podSecurityLevel: "baseline" } },
    {
      manifests: [unmaskedInUserNamespace],
      config: { podSecurityLevel: "baseline", podSecurityVersion: "v1.35" },
    },
  ],
};

export const procMountRestricted: Fixtures = {
  fails: [
    { manifests: [secured({ procMount: "Unmasked" })] },
    { about: "a user namespace does not relax it", manifests: [unmaskedInUserNamespace] },
    { manifests: [secured({ procMount: "Unmasked" })], config: { podSecurityVersion: "v1.35" } },
  ],
  passes: [
    { manifests: [secured({ procMount: "Default" })] },
    { manifests: [secured({ procMount: "Unmasked" })], config: { podSecurityLevel: "baseline" } },
    {
      about: "the baseline control reports it",
      manifests: [secured({ procMount: "Unmasked" })],
      config: { podSecurityVersion: "v1.34" },
    },
  ],
};

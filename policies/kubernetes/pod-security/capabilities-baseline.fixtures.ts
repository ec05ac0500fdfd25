import type { Fixtures } from "../../core/fixtures";
import { container, pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [secured({ capabilities: { add: ["NET_ADMIN"] } })],
      config: { podSecurityLevel: "baseline" },
    },
    {
      about: "the name is exact",
      manifests: [secured({ capabilities: { add: ["CAP_CHOWN"] } })],
      config: { podSecurityLevel: "baseline" },
    },
    {
      about: "the name is exact",
      manifests: [secured({ capabilities: { add: ["chown"] } })],
      config: { podSecurityLevel: "baseline" },
    },
    {
      about: "restricted has a control of its own only since 1.22",
      manifests: [secured({ capabilities: { add: ["SYS_ADMIN"] } })],
      config: { podSecurityVersion: "v1.21" },
    },
    {
      manifests: [
        pod({
          ephemeralContainers: [container({ securityContext: { capabilities: { add: ["NET_RAW"] } } })],
        }),
      ],
      config: { podSecurityLevel: "baseline" },
    },
  ],
  passes: [
    {
      manifests: [
        secured({
          capabilities: {
            add: [
              "AUDIT_WRITE",
              "CHOWN",
              "DAC_OVERRIDE",
              "FOWNER",
              "FSETID",
              "KILL",
              "MKNOD",
              "NET_BIND_SERVICE",
              "SETFCAP",
              "SETGID",
              "SETPCAP",
              "SETUID",
              "SYS_CHROOT",
            ],
          },
        }),
      ],
      config: { podSecurityLevel: "baseline" },
    },
    {
      about: "the restricted control reports it",
      manifests: [secured({ capabilities: { add: ["NET_ADMIN"] } })],
      config: { podSecurityVersion: "v1.22" },
    },
  ],
};

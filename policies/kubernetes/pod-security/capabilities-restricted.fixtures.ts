import type { Fixtures } from "../../core/fixtures";
import { container, pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [pod({})], at: ["spec.containers[0].securityContext.capabilities.drop"] },
    { manifests: [secured({ capabilities: { drop: ["NET_RAW"] } })] },
    { about: "the name is exact", manifests: [secured({ capabilities: { drop: ["all"] } })] },
    {
      manifests: [secured({ capabilities: { drop: ["ALL"], add: ["CHOWN"] } })],
      at: ["spec.containers[0].securityContext.capabilities.add[0]"],
    },
    { manifests: [pod({ os: { name: "windows" } })], config: { podSecurityVersion: "v1.24" } },
    { manifests: [pod({ containers: [], ephemeralContainers: [container()] })] },
    { manifests: [pod({ hostUsers: false })], config: { podSecurityVersion: "v1.22" } },
  ],
  passes: [
    {
      manifests: [
        pod({
          os: { name: "windows" },
          containers: [container({ securityContext: { capabilities: { add: ["CHOWN"] } } })],
        }),
      ],
      config: { podSecurityVersion: "v1.25" },
    },
    { manifests: [secured({ capabilities: { drop: ["ALL"] } })] },
    { manifests: [secured({ capabilities: { drop: ["KILL", "ALL"], add: ["NET_BIND_SERVICE"] } })] },
    { manifests: [pod({ os: { name: "windows" } })] },
    { manifests: [pod({})], config: { podSecurityVersion: "v1.21" } },
    { manifests: [pod({})], config: { podSecurityLevel: "baseline" } },
  ],
};

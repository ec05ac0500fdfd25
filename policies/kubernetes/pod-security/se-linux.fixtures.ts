import type { Fixtures } from "../../core/fixtures";
import { pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [secured({ seLinuxOptions: { type: "spc_t" } })] },
    { manifests: [pod({ securityContext: { seLinuxOptions: { type: "spc_t" } } })] },
    {
      manifests: [secured({ seLinuxOptions: { user: "system_u" } })],
      at: ["spec.containers[0].securityContext.seLinuxOptions.user"],
    },
    {
      manifests: [secured({ seLinuxOptions: { role: "system_r" } })],
      at: ["spec.containers[0].securityContext.seLinuxOptions.role"],
    },
    {
      manifests: [secured({ seLinuxOptions: { type: "container_engine_t" } })],
      config: { podSecurityVersion: "v1.30" },
    },
  ],
  passes: [
    { manifests: [secured({ seLinuxOptions: { type: "container_t", level: "s0:c1" } })] },
    { manifests: [secured({ seLinuxOptions: { type: "container_init_t" } })] },
    { manifests: [secured({ seLinuxOptions: { type: "container_kvm_t", user: "", role: "" } })] },
    { manifests: [secured({ seLinuxOptions: { type: "" } })] },
    {
      manifests: [secured({ seLinuxOptions: { type: "container_engine_t" } })],
      config: { podSecurityVersion: "v1.31" },
    },
  ],
};

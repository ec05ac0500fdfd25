import type { Fixtures } from "../../core/fixtures";
import { pod } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      about: "behind another volume",
      manifests: [
        pod({
          volumes: [
            { name: "tmp", emptyDir: {} },
            { name: "logs", hostPath: { path: "/" } },
          ],
        }),
      ],
      config: { podSecurityLevel: "baseline" },
      at: ["spec.volumes[1].hostPath"],
    },
    {
      manifests: [pod({ volumes: [{ name: "logs", hostPath: { path: "/var/log" } }] })],
      config: { podSecurityLevel: "baseline" },
      at: ["spec.volumes[0].hostPath"],
    },
  ],
  passes: [
    {
      manifests: [pod({ volumes: [{ name: "logs", emptyDir: {} }] })],
      config: { podSecurityLevel: "baseline" },
    },
    {
      manifests: [pod({ volumes: [{ name: "logs", hostPath: null }] })],
      config: { podSecurityLevel: "baseline" },
    },
    {
      about: "the restricted control reports it",
      manifests: [pod({ volumes: [{ name: "logs", hostPath: { path: "/var/log" } }] })],
    },
  ],
};

import type { Fixtures } from "../../core/fixtures";
import { pod } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [pod({ volumes: [{ name: "logs", hostPath: { path: "/var/log" } }] })] },
    {
      manifests: [pod({ volumes: [{ name: "data", nfs: { server: "files.example", path: "/" } }] })],
      at: ["spec.volumes[0].nfs"],
    },
    {
      about: "a type that is not known yet",
      manifests: [pod({ volumes: [{ name: "data", someNewType: {} }] })],
    },
    {
      manifests: [
        pod({
          hostUsers: false,
          volumes: [
            { name: "a", configMap: { name: "a" } },
            { name: "b", iscsi: {} },
          ],
        }),
      ],
      config: { podSecurityVersion: "v1.0" },
    },
  ],
  passes: [
    ...[
      "configMap",
      "csi",
      "downwardAPI",
      "emptyDir",
      "ephemeral",
      "image",
      "persistentVolumeClaim",
      "projected",
      "secret",
    ].map((source) => ({
      manifests: [pod({ volumes: [{ name: "data", [source]: {} }] })],
    })),
    {
      about: "without a source it is an emptyDir",
      manifests: [pod({ volumes: [{ name: "data" }, { name: "other", hostPath: null }] })],
    },
    { manifests: [pod({ volumes: [{ name: "data", nfs: {} }] })], config: { podSecurityLevel: "baseline" } },
  ],
};

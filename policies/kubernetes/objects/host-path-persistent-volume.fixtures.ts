import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

const volume = (spec: object) => object("v1", "PersistentVolume", { spec }, { namespace: undefined });

export const fixtures: Fixtures = {
  fails: [{ manifests: [volume({ hostPath: { path: "/data" } })], at: ["spec.hostPath"] }],
  passes: [{ manifests: [volume({ csi: { driver: "disk.example", volumeHandle: "a" } })] }],
};

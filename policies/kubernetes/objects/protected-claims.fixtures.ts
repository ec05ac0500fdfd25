import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

const set = (whenDeleted: string) =>
  object("apps/v1", "StatefulSet", { spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted } } });

export const fixtures: Fixtures = {
  fails: [
    { manifests: [object("v1", "PersistentVolumeClaim", {})], at: ["metadata.name"] },
    {
      about: "with the StatefulSet",
      manifests: [set("Delete")],
      at: ["spec.persistentVolumeClaimRetentionPolicy.whenDeleted"],
    },
  ],
  passes: [
    { manifests: [set("Retain")] },
    { about: "a patch", manifests: [object("v1", "PersistentVolumeClaimPatch", {})] },
  ],
};

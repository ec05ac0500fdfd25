import { kubernetesDocs } from "../../core";
import { grantRule } from "./rules";

export const rbacPersistentVolumes = grantRule({
  name: "rbac-persistent-volumes",
  description: "Roles do not allow creating or changing PersistentVolumes.",
  remediation:
    "Remove create, update and patch of persistentvolumes: the storage class of a claim creates its volume.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices, persistent volume creation",
    "concepts/security/rbac-good-practices/#persistent-volume-creation",
  ),
  controls: { cis: ["5.1.9"], "nsa-cisa": ["rbac"] },
  why: "A PersistentVolume may be any path of a node. A pod that mounts it through a claim can read and write there, and Pod Security Standards do not notice.",
  level: "advisory",
  severity: "medium",
  check(grant, run) {
    if (grant.gives("create", "update", "patch") !== true) return;
    if (grant.isAbout("", "persistentvolumes") !== true) return;
    run.violation(grant.verbs, { expected: "no create, update or patch", fix: "Leave it out." });
  },
});

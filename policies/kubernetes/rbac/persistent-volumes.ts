import { kubernetesDocs } from "../../core";
import { grantRule } from "./rules";

export const rbacPersistentVolumes = grantRule({
  name: "rbac-persistent-volumes",
  description: "Roles do not allow to make or change PersistentVolumes.",
  remediation:
    "Leave create, update and patch of persistentvolumes out: a claim has its volume made by its storage class.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices, persistent volume creation",
    "concepts/security/rbac-good-practices/#persistent-volume-creation",
  ),
  controls: { cis: ["5.1.9"], "nsa-cisa": ["rbac"] },
  why: "A PersistentVolume may be any path of a node: a pod that mounts it through a claim reads and writes there, and no Pod Security Standard sees it.",
  level: "advisory",
  severity: "medium",
  check(grant, run) {
    if (grant.gives("create", "update", "patch") !== true) return;
    if (grant.isAbout("", "persistentvolumes") !== true) return;
    run.violation(grant.verbs, { expected: "no create, update or patch", fix: "Leave it out." });
  },
});

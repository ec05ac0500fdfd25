import { kubernetesDocs, resourceRule } from "../../core";

export const protectedClaims = resourceRule({
  name: "protected-claims",
  description: "A claim is not deleted by mistake.",
  remediation: "Create the claim with { protect: true }, and leave whenDeleted: Delete out of a StatefulSet.",
  reference: kubernetesDocs(
    "Persistent Volumes, reclaiming",
    "concepts/storage/persistent-volumes/#reclaiming",
  ),
  why: "A renamed resource, or a pulumi destroy of the wrong stack, deletes the claim, and most storage classes the data with it. In manifests without Pulumi nothing tells of protect, so that every claim is found there. Claims that Flink keeps its state in are what flink-protected-state of the pack flink is about.",
  level: "disabled",
  severity: "medium",
  applies: (resource) => resource.is("/PersistentVolumeClaim", "apps/StatefulSet"),
  check(resource, run) {
    if (resource.is("apps/StatefulSet")) {
      const deleted = resource.spec.get("persistentVolumeClaimRetentionPolicy", "whenDeleted");
      if (deleted.text() === "Delete") run.violation(deleted, { expected: '"Retain"', fix: "Leave it out." });
      return;
    }
    if (resource.isPatch || resource.protect) return;
    run.violation(resource.metadata.get("name"), {
      actual: "of a claim that is not protected",
      expected: "the option protect",
      fix: "Create it with { protect: true }.",
    });
  },
});

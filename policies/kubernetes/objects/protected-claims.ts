import { kubernetesDocs, resourceRule } from "../../core";

export const protectedClaims = resourceRule({
  name: "protected-claims",
  description: "Claims are protected from accidental deletion.",
  remediation: "Create the claim with { protect: true }, and leave whenDeleted: Delete out of a StatefulSet.",
  reference: kubernetesDocs(
    "Persistent Volumes, reclaiming",
    "concepts/storage/persistent-volumes/#reclaiming",
  ),
  why: "A renamed resource, or a pulumi destroy of the wrong stack, deletes the claim, and most storage classes then delete the data. Manifests without Pulumi cannot show protect, so the rule reports every claim there. The rule flink-protected-state of the pack flink covers claims with Flink's state.",
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
      expected: "the resource option protect",
      fix: "Create it with { protect: true }.",
    });
  },
});

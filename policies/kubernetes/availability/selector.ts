import { resourceRule, selects, type Value, kubernetesDocs } from "../../core";

export const selector = resourceRule({
  name: "selector-matches-template",
  description: "A workload selects the pods that it creates.",
  remediation: "Give selector and template the same labels.",
  reference: kubernetesDocs("Labels and Selectors", "concepts/overview/working-with-objects/labels/"),
  why: "During the update the API server refuses a workload without a selector, or with a selector that does not match its own template.",
  level: "mandatory",
  severity: "medium",
  applies: (resource) =>
    resource.is("apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet", "apps/DaemonSet"),
  check(resource, run) {
    if (resource.isPatch) return;
    const own = resource.spec.get("selector");
    const labels = resource.spec.get("template", "metadata", "labels");
    // Kubernetes refuses an empty selector here; only old versions fill it in.
    const parts = [own.get("matchLabels"), own.get("matchExpressions")];
    const isEmpty = own.isPresent && parts.every((part) => part.isAbsent || isNothingIn(part));
    const isMissing = resource.version === "v1" && (own.isMissing || isEmpty);
    if (!isMissing && (own.isAbsent || selects(own, labels) !== false)) return;
    run.violation(own, {
      expected: "labels of the template",
      fix: isMissing ? "Add the labels of the template." : "Give both the same labels.",
    });
  },
});

function isNothingIn(part: Value): boolean {
  return part.isPresent && part.entries().length === 0 && part.list().length === 0;
}

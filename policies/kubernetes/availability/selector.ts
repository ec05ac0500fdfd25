import { resourceRule, selects } from "../../core";

export const selector = resourceRule({
  name: "selector-matches-template",
  description: "A workload selects the pods that it makes.",
  why: "The API server refuses a workload whose selector does not match its own template, in the middle of the update.",
  level: "mandatory",
  severity: "medium",
  applies: (resource) =>
    resource.is("apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet", "apps/DaemonSet"),
  check(resource, run) {
    if (resource.isPatch) return;
    const own = resource.spec.get("selector");
    const labels = resource.spec.get("template", "metadata", "labels");
    if (own.isAbsent || selects(own, labels) !== false) return;
    run.violation(own, { expected: "labels that the template has", fix: "Give both the same labels." });
  },
});

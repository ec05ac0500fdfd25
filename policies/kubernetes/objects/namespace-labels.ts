import { resourceRule } from "../../core";

export const namespaceLabels = resourceRule({
  name: "namespace-pod-security",
  description: "A namespace that the stack makes has a Pod Security Standard enforced.",
  why: "This pack checks what Pulumi creates; the label makes the API server check what anything else creates.",
  level: "advisory",
  severity: "medium",
  applies: (resource) => resource.is("/Namespace"),
  check(resource, run) {
    const label = resource.label("pod-security.kubernetes.io/enforce");
    const text = label.text();
    const isBad = label.isAbsent
      ? label.isMissing
      : text !== undefined && !["baseline", "restricted"].includes(text);
    if (isBad) run.violation(label, { expected: '"baseline" or "restricted"', fix: "Set the label." });
  },
});

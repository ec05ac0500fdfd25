import { resourceRule, kubernetesDocs } from "../../core";

export const namespaceLabels = resourceRule({
  name: "namespace-pod-security",
  description: "A namespace that the stack creates enforces a Pod Security Standard.",
  remediation: "Set the label pod-security.kubernetes.io/enforce to baseline or restricted.",
  reference: kubernetesDocs("Pod Security Admission", "concepts/security/pod-security-admission/"),
  controls: { cis: ["5.2.1"], "nsa-cisa": ["pod-security"] },
  why: "This pack checks only objects that Pulumi creates. With the label the API server checks all pods.",
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

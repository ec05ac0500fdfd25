import { resourceRule, kubernetesDocs } from "../../core";

export const defaultNamespace = resourceRule({
  name: "default-namespace",
  description: "Workloads do not run in the namespace default.",
  remediation: "Name a dedicated namespace in metadata.namespace.",
  reference: kubernetesDocs("Namespaces", "concepts/overview/working-with-objects/namespaces/"),
  controls: { cis: ["5.7.1", "5.7.4"], "nsa-cisa": ["namespaces"] },
  why: "Quotas, network policies and rights apply to a namespace, and nobody owns the namespace default.",
  level: "advisory",
  severity: "low",
  applies: (resource) => resource.pods.length > 0,
  check(resource, run) {
    const namespace = resource.metadata.get("namespace");
    // The engine fills in the provider's default namespace before policies run.
    if (namespace.text() !== "default") return;
    run.violation(namespace, { expected: "a dedicated namespace", fix: "Name one." });
  },
});

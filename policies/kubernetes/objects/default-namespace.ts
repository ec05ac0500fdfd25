import { resourceRule, kubernetesDocs } from "../../core";

export const defaultNamespace = resourceRule({
  name: "default-namespace",
  description: "Workloads do not run in the namespace default.",
  remediation: "Name a namespace of its own in metadata.namespace.",
  reference: kubernetesDocs("Namespaces", "concepts/overview/working-with-objects/namespaces/"),
  controls: { cis: ["5.7.1", "5.7.4"], "nsa-cisa": ["namespaces"] },
  why: "Quotas, network policies and rights are given by namespace; in default nobody owns them.",
  level: "advisory",
  severity: "low",
  applies: (resource) => resource.pods.length > 0,
  check(resource, run) {
    const namespace = resource.metadata.get("namespace");
    // Without a namespace the provider's configuration decides, which the engine has filled in before policies run.
    if (namespace.text() !== "default") return;
    run.violation(namespace, { expected: "a namespace of its own", fix: "Name one." });
  },
});

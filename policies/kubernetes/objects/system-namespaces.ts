import { kubernetesDocs, type Options, option, resourceRule } from "../../core";

const options = {
  namespaces: option<string[]>(
    ["kube-system", "kube-public", "kube-node-lease"],
    "Namespaces of Kubernetes itself.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

export const systemNamespaces = resourceRule<typeof options>({
  name: "system-namespaces",
  description: "A stack does not use the namespaces of Kubernetes itself.",
  remediation: "Name a dedicated namespace in metadata.namespace.",
  reference: kubernetesDocs(
    "Namespaces, initial namespaces",
    "concepts/overview/working-with-objects/namespaces/#initial-namespaces",
  ),
  controls: { cis: ["5.7.1"], "nsa-cisa": ["namespaces"] },
  why: "Policies and Pod Security Standards are often turned off in kube-system, and its pods may use the highest priority. Its Secrets and service accounts belong to the control plane. Exempt the cluster's own components by name.",
  level: "advisory",
  severity: "medium",
  options,
  applies: (resource) => resource.kind !== undefined,
  check(resource, run) {
    const namespace = resource.metadata.get("namespace");
    if (!run.config.namespaces.includes(namespace.text() ?? "")) return;
    run.violation(namespace, { expected: "a dedicated namespace", fix: "Name one." });
  },
});

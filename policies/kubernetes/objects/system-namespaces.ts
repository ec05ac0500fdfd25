import { kubernetesDocs, type Options, option, resourceRule } from "../../core";

const options = {
  namespaces: option<string[]>(
    ["kube-system", "kube-public", "kube-node-lease"],
    "Namespaces that are Kubernetes' own.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

export const systemNamespaces = resourceRule<typeof options>({
  name: "system-namespaces",
  description: "A stack keeps out of the namespaces of Kubernetes itself.",
  remediation: "Name a namespace of its own in metadata.namespace.",
  reference: kubernetesDocs(
    "Namespaces, initial namespaces",
    "concepts/overview/working-with-objects/namespaces/#initial-namespaces",
  ),
  controls: { cis: ["5.7.1"], "nsa-cisa": ["namespaces"] },
  why: "In kube-system policies and Pod Security Standards are often switched off, its pods may take the highest priority, and its Secrets and service accounts are those of the control plane. What belongs to the cluster itself is exempted by name.",
  level: "advisory",
  severity: "medium",
  options,
  applies: (resource) => resource.kind !== undefined,
  check(resource, run) {
    const namespace = resource.metadata.get("namespace");
    if (!run.config.namespaces.includes(namespace.text() ?? "")) return;
    run.violation(namespace, { expected: "a namespace of its own", fix: "Name one." });
  },
});

import { type Resource, sameNamespace, selects, stackRule, kubernetesDocs } from "../../core";

export const policyCovers = stackRule({
  name: "network-policy",
  description: "A NetworkPolicy for ingress selects every pod.",
  remediation:
    "Add a NetworkPolicy with policyTypes: [Ingress] that selects the pods and names who may connect.",
  reference: kubernetesDocs("Network Policies", "concepts/services-networking/network-policies/"),
  controls: { cis: ["5.3.2"], "nsa-cisa": ["network-policies"], "pci-dss": ["1.2.6", "1.3.1", "1.4.1"] },
  why: "Every pod of the cluster can connect to a pod that no ingress policy selects. A policy for egress alone limits the pod's own connections, not connections to it.",
  level: "advisory",
  severity: "medium",
  applies: (stack) => stack.pods.length > 0,
  check(stack, run) {
    const policies = stack.kinds("networking.k8s.io/NetworkPolicy").filter(isForIngress);
    for (const { pod, resource } of stack.pods) {
      // Pods of Flink's operator get their labels from Flink, and the pods of a patch belong to others.
      if (resource.isPatch || pod.role !== undefined) continue;
      const labels = pod.metadata.get("labels");
      const isCovered = policies.some(
        (policy) =>
          sameNamespace(policy, resource) !== false &&
          selects(policy.spec.get("podSelector"), labels) !== false,
      );
      const hostNetwork = pod.spec.get("hostNetwork");
      if (isCovered || hostNetwork.boolean() === true || hostNetwork.isUnknown) continue;
      run.violation(labels, {
        expected: "an ingress NetworkPolicy that selects these pods",
        fix: "Add one that allows the necessary clients.",
      });
    }
  },
});

/** A policy without policyTypes always applies to ingress. */
function isForIngress(policy: Resource): boolean {
  const types = policy.spec.get("policyTypes");
  return !types.isPresent || types.list().length === 0 || types.includes("Ingress") !== false;
}

import { type Resource, sameNamespace, selects, stackRule, kubernetesDocs } from "../../core";

export const policyCovers = stackRule({
  name: "network-policy",
  description: "Every pod is selected by a NetworkPolicy that says who may connect.",
  remediation:
    "Add a NetworkPolicy with policyTypes: [Ingress] that selects the pods and names who may connect.",
  reference: kubernetesDocs("Network Policies", "concepts/services-networking/network-policies/"),
  controls: { cis: ["5.3.2"], "nsa-cisa": ["network-policies"], "pci-dss": ["1.2.6", "1.3.1", "1.4.1"] },
  why: "A pod that no policy for ingress selects can be reached from every pod of the cluster. One for egress alone says where its connections may lead, not who may connect.",
  level: "advisory",
  severity: "medium",
  applies: (stack) => stack.pods.length > 0,
  check(stack, run) {
    const policies = stack.kinds("networking.k8s.io/NetworkPolicy").filter(isForIngress);
    for (const { pod, resource } of stack.pods) {
      // Pods of Flink's operator get their labels from Flink; of a patch the pods are somebody else's.
      if (resource.isPatch || pod.role !== undefined) continue;
      const labels = pod.metadata.get("labels");
      const isCovered = policies.some(
        (policy) =>
          sameNamespace(policy, resource) !== false &&
          selects(policy.spec.get("podSelector"), labels) !== false,
      );
      if (isCovered || pod.spec.get("hostNetwork").boolean() === true) continue;
      run.violation(labels, {
        expected: "a NetworkPolicy for ingress that selects these pods",
        fix: "Add one that lets in who needs to.",
      });
    }
  },
});

/** As every policy is that does not say what it is for. */
function isForIngress(policy: Resource): boolean {
  const types = policy.spec.get("policyTypes");
  return !types.isPresent || types.list().length === 0 || types.includes("Ingress") !== false;
}

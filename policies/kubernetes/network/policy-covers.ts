import { sameNamespace, selects, stackRule } from "../../core";

export const policyCovers = stackRule({
  name: "network-policy",
  description: "Every pod is selected by a NetworkPolicy.",
  why: "A pod that no policy selects can be reached from every pod of the cluster, and reaches everything.",
  level: "advisory",
  severity: "medium",
  applies: (stack) => stack.pods.length > 0,
  check(stack, run) {
    const policies = stack.kinds("networking.k8s.io/NetworkPolicy");
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
        expected: "a NetworkPolicy that selects these pods",
        fix: "Add one that lets in who needs to.",
      });
    }
  },
});

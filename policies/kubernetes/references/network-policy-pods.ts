import { kubernetesDocs, selects, stackRule } from "../../core";
import { isMisspelt, selectedPods } from "./seen";
import { hasPort, isNumber } from "./service-ports";

export const networkPolicyPods = stackRule({
  name: "network-policy-pods",
  description: "A NetworkPolicy selects pods, and names ports that they have.",
  remediation: "Give podSelector the labels of the pods, and name a port of their containers, or its number.",
  reference: kubernetesDocs("Network Policies", "concepts/services-networking/network-policies/"),
  why: "A policy that selects no pods protects nothing, and the pods that it is meant for are open. A named port that no selected pod has allows no connections. The rule reports a policy without pods only if its labels are similar to those of a pod: otherwise it may be for future pods.",
  level: "advisory",
  severity: "medium",
  applies: (stack) => stack.kinds("networking.k8s.io/NetworkPolicy").length > 0,
  check(stack, run) {
    for (const policy of stack.kinds("networking.k8s.io/NetworkPolicy")) {
      const selector = policy.spec.get("podSelector");
      const pods = policy.isPatch
        ? undefined
        : selectedPods(stack, policy, (labels) => selects(selector, labels));
      if (pods === undefined) continue;
      if (pods.length === 0) {
        if (isMisspelt(stack, policy, selector))
          run.violation(selector, { expected: "labels of pods of the stack", fix: "Use the pods' labels." });
        continue;
      }
      const ports = policy.spec
        .get("ingress")
        .list()
        .flatMap((rule) => rule.get("ports").list())
        .map((port) => port.get("port"));
      for (const port of ports) {
        const name = port.text();
        if (name === undefined || isNumber(name) || pods.some((pod) => hasPort(pod, name) !== false))
          continue;
        run.violation(port, {
          expected: "the name of a port of the selected pods",
          fix: "Correct it, or write the number.",
        });
      }
    }
  },
});

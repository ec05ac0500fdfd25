import { sameNamespace, selectsLabels, stackRule, kubernetesDocs } from "../../core";

export const serviceSelects = stackRule({
  name: "service-selects-pods",
  description: "A Service selects pods of its stack.",
  remediation: "Give the selector the labels of the pods.",
  reference: kubernetesDocs("Service", "concepts/services-networking/service/"),
  why: "A Service whose selector matches no pod refuses all connections, without any other error.",
  level: "advisory",
  severity: "low",
  applies: (stack) => stack.kinds("/Service").length > 0 && stack.pods.length > 0,
  check(stack, run) {
    for (const service of stack.kinds("/Service")) {
      const selector = service.spec.get("selector");
      if (service.isPatch || selector.isUnknown || selector.entries().length === 0) continue;
      const together = stack.pods.map(({ resource }) => sameNamespace(resource, service));
      if (together.includes(undefined)) continue;
      const pods = stack.pods.filter((_, index) => together[index]);
      // If the stack has no pods in the namespace, or Flink creates them, the Service may be for pods of
      // others.
      if (pods.length === 0 || pods.some(({ pod }) => pod.role !== undefined)) continue;
      if (pods.some(({ pod }) => selectsLabels(selector, pod.metadata.get("labels")) !== false)) continue;
      run.violation(selector, { expected: "labels of a pod of this stack", fix: "Use the pods' labels." });
    }
  },
});

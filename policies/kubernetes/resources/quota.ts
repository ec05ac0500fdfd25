import { stackRule, kubernetesDocs } from "../../core";

export const quota = stackRule({
  name: "namespace-quota",
  description: "A namespace that the stack creates has a ResourceQuota.",
  remediation: "Add a ResourceQuota to the namespace.",
  reference: kubernetesDocs("Resource Quotas", "concepts/policy/resource-quotas/"),
  controls: { "nsa-cisa": ["resource-policies"] },
  why: "Without a quota one namespace can use the whole cluster, for example with a runaway autoscaler.",
  level: "advisory",
  severity: "low",
  applies: (stack) => stack.kinds("/Namespace").length > 0,
  check(stack, run) {
    const quotas = stack.kinds("/ResourceQuota").map((found) => found.metadata.get("namespace"));
    for (const namespace of stack.kinds("/Namespace")) {
      const name = namespace.metadata.get("name");
      const text = name.text();
      if (namespace.isPatch || text === undefined) continue;
      if (quotas.some((value) => value.text() === text || value.isUnknown)) continue;
      run.violation(name, {
        expected: "a ResourceQuota in this namespace",
        fix: "Add one to the stack.",
      });
    }
  },
});

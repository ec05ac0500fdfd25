import { sameNamespace, selects, stackRule, kubernetesDocs } from "../../core";
import { replicasOf, workloads } from "./workloads";

export const disruptionBudget = stackRule({
  name: "disruption-budget",
  description: "Workloads with replicas have a disruption budget.",
  remediation: "Add a PodDisruptionBudget with maxUnavailable: 1 that selects the pods.",
  reference: kubernetesDocs("Disruptions", "concepts/workloads/pods/disruptions/"),
  why: "Without a budget a drain may evict all pods at the same time, although there are several to keep one running.",
  level: "advisory",
  severity: "low",
  applies: (stack) => workloads(stack).length > 0,
  check(stack, run) {
    const budgets = stack.kinds("policy/PodDisruptionBudget");
    for (const resource of workloads(stack)) {
      const count = replicasOf(resource);
      if (count === undefined || count < 2 || resource.is("apps/ReplicaSet")) continue;
      const labels = resource.pods[0]!.metadata.get("labels");
      const isCovered = budgets.some(
        (budget) =>
          sameNamespace(budget, resource) !== false && selects(budget.spec.get("selector"), labels) !== false,
      );
      if (isCovered) continue;
      run.violation(resource.spec.get("replicas"), {
        expected: "a PodDisruptionBudget that selects these pods",
        fix: "Add one with maxUnavailable: 1.",
      });
    }
  },
});

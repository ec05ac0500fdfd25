import { kubernetesDocs, sameNamespace, selects, stackRule } from "../../core";
import { isMisspelt, selectedPods } from "./seen";

export const disruptionBudgetPods = stackRule({
  name: "disruption-budget-pods",
  description: "A disruption budget selects pods, and no pod has two.",
  remediation: "Give the selector the labels of the pods, and each pod one budget.",
  reference: kubernetesDocs(
    "Specifying a Disruption Budget for your Application",
    "tasks/run-application/configure-pdb/",
  ),
  why: "A budget that selects no pods protects nothing. A pod with two budgets cannot be evicted, so a drain of its node fails. The rule reports a budget without pods only if its labels are similar to those of a pod: otherwise it may be for future pods.",
  level: "advisory",
  severity: "medium",
  applies: (stack) => stack.kinds("policy/PodDisruptionBudget").length > 0,
  check(stack, run) {
    const budgets = stack.kinds("policy/PodDisruptionBudget").filter(({ isPatch }) => !isPatch);
    for (const [index, budget] of budgets.entries()) {
      const selector = budget.spec.get("selector");
      const pods = selectedPods(stack, budget, (labels) => selects(selector, labels));
      if (pods?.length === 0 && isMisspelt(stack, budget, selector)) {
        run.violation(selector, { expected: "labels of pods of the stack", fix: "Use the pods' labels." });
      }
      const certain = stack.pods.filter(
        ({ pod, resource }) =>
          sameNamespace(resource, budget) === true && selects(selector, pod.metadata.get("labels")) === true,
      );
      const other = budgets
        .slice(0, index)
        .find((before) =>
          certain.some(
            ({ pod, resource }) =>
              sameNamespace(resource, before) === true &&
              selects(before.spec.get("selector"), pod.metadata.get("labels")) === true,
          ),
        );
      if (other === undefined) continue;
      run.violation(selector, {
        actual: `for pods that ${other.objectName ?? other.name} also selects`,
        expected: "pods without another budget",
        fix: "Remove one of the two, or select by more labels.",
      });
    }
  },
});

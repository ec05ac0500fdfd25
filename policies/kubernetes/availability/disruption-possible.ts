import { sameNamespace, selects, stackRule, type Value, kubernetesDocs } from "../../core";
import { fewestPods, workloads } from "./workloads";

export const disruptionPossible = stackRule({
  name: "disruption-possible",
  description: "A disruption budget lets a pod go.",
  remediation: "Write maxUnavailable: 1 in place of a minimum that no pod may be missing from.",
  reference: kubernetesDocs(
    "Specifying a Disruption Budget for your Application",
    "tasks/run-application/configure-pdb/",
  ),
  why: "A budget that allows no disruption blocks every drain: nodes cannot be upgraded. A share of the pods is rounded up, so that 50% of one pod is that one. Where an autoscaler decides how many pods there are, its minimum counts.",
  level: "mandatory",
  severity: "medium",
  applies: (stack) => stack.kinds("policy/PodDisruptionBudget").length > 0,
  check(stack, run) {
    for (const budget of stack.kinds("policy/PodDisruptionBudget")) {
      const most = budget.spec.get("maxUnavailable");
      const least = budget.spec.get("minAvailable");
      if (amount(most, 100) === 0) {
        run.violation(most, { expected: "1 or more", fix: "Raise it to 1." });
      }
      if (least.scalar() === "100%") {
        run.violation(least, { expected: "less than all", fix: "Use maxUnavailable: 1." });
        continue;
      }
      if (amount(least, 1) === undefined) continue;
      const covered = workloads(stack).filter(
        (resource) =>
          sameNamespace(budget, resource) === true &&
          selects(budget.spec.get("selector"), resource.pods[0]!.metadata.get("labels")) === true,
      );
      const counts = covered.map((resource) => fewestPods(stack, resource));
      if (counts.length === 0 || counts.includes(undefined)) continue;
      const pods = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
      // Kubernetes rounds up: half of one pod is one.
      if (pods === 0 || Math.ceil(amount(least, pods)!) < pods) continue;
      run.violation(least, {
        expected: `less than the ${pods} pod(s) that it selects, at the fewest`,
        fix: "Use maxUnavailable: 1.",
      });
    }
  },
});

/** A number or a percentage of `all`. */
function amount(value: Value, all: number): number | undefined {
  const text = value.scalar();
  const [, digits, percent] = /^(\d+)(%?)$/.exec(text ?? "") ?? [];
  if (digits === undefined) return undefined;
  return percent === "%" ? (Number(digits) * all) / 100 : Number(digits);
}

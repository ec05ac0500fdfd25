import { type Resource, sameNamespace, selects, stackRule, type Value, kubernetesDocs } from "../../core";
import { fewestPods, workloads } from "./workloads";

export const disruptionPossible = stackRule({
  name: "disruption-possible",
  description: "A disruption budget allows at least one eviction.",
  remediation: "Write maxUnavailable: 1 instead of a minimum that needs every pod.",
  reference: kubernetesDocs(
    "Specifying a Disruption Budget for your Application",
    "tasks/run-application/configure-pdb/",
  ),
  why: "A budget that allows no disruption blocks every drain, so nodes cannot be upgraded. Kubernetes rounds a percentage of the pods up: 50% of one pod is one pod. With an autoscaler, its minimum number of pods counts.",
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
        run.violation(least, { expected: "less than all pods", fix: "Use maxUnavailable: 1." });
        continue;
      }
      if (amount(least, 1) === undefined) continue;
      const isCovered = (resource: Resource) => {
        const together = sameNamespace(budget, resource);
        if (together !== true) return together;
        return selects(budget.spec.get("selector"), resource.pods[0]!.metadata.get("labels"));
      };
      const counts = workloads(stack).flatMap((resource) => {
        const covered = isCovered(resource);
        // One that may be covered, too, makes the number larger.
        return covered === false ? [] : [covered ? fewestPods(stack, resource) : undefined];
      });
      if (counts.length === 0 || counts.includes(undefined)) continue;
      const pods = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
      // Kubernetes rounds up: half of one pod is one.
      if (pods === 0 || Math.ceil(amount(least, pods)!) < pods) continue;
      run.violation(least, {
        expected: `less than the smallest number of pods that it selects, ${pods}`,
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

import { type Resource, sameNamespace, type Stack, stackRule, kubernetesDocs } from "../../core";
import { workloadKinds, workloads } from "./workloads";

export const autoscaler = stackRule({
  name: "autoscaler",
  description:
    "An autoscaler has a target of its own and room to scale, and nobody else sets the target's replicas.",
  remediation: "Name a target that there is, once, and leave replicas out of it.",
  reference: kubernetesDocs(
    "Horizontal Pod Autoscaling",
    "concepts/workloads/autoscaling/horizontal-pod-autoscale/",
  ),
  why: "Two that set the same number fight: every update takes back what the autoscaler did. A target that does not exist is never scaled, without any error.",
  level: "mandatory",
  severity: "medium",
  applies: (stack) => stack.kinds("autoscaling/HorizontalPodAutoscaler").length > 0,
  check(stack, run) {
    const targets = new Map<string, string>();
    for (const scaler of stack.kinds("autoscaling/HorizontalPodAutoscaler")) {
      const least = scaler.spec.get("minReplicas");
      const most = scaler.spec.get("maxReplicas");
      const [smallest, largest] = [least.isAbsent ? 1 : least.number(), most.number()];
      if (smallest !== undefined && largest !== undefined && largest < smallest) {
        run.violation(most, { expected: `at least minReplicas, ${smallest}`, fix: "Raise it." });
      }
      const reference = scaler.spec.get("scaleTargetRef");
      const [kind, name] = [reference.get("kind").text(), reference.get("name").text()];
      if (kind === undefined || name === undefined) continue;
      const target = workloads(stack).find(
        (resource) =>
          resource.kind === kind && resource.objectName === name && sameNamespace(resource, scaler) === true,
      );
      if (!target && isDangling(stack, scaler, kind, name)) {
        run.violation(reference.get("name"), {
          expected: `the name of a ${kind} of this stack, in the same namespace`,
          fix: "Correct it.",
        });
      }
      const key = `${scaler.namespace ?? "default"}/${kind}/${name}`;
      const other = targets.get(key);
      if (other !== undefined && !scaler.metadata.get("namespace").isUnknown) {
        run.violation(reference, {
          expected: "a target without another autoscaler",
          fix: `Remove this one or ${other}.`,
          actual: `${kind} ${name}`,
        });
      }
      targets.set(key, scaler.name);
      // Whose changes are ignored is whatever the autoscaler has made of it.
      if (!target || target.ignoreChanges.some((path) => ["spec", "spec.replicas"].includes(path))) continue;
      const replicas = target.spec.get("replicas");
      // In outputs there is always a number: only what the program says can be wrong, and that is not told apart where it is 1.
      if (replicas.number() === undefined || isInRange(replicas.number()!, smallest, largest)) continue;
      run.violation(replicas, {
        expected: `nothing, or a number from ${smallest} to ${largest}: ${scaler.name} sets it`,
        fix: "Leave it out, or ignore its changes.",
      });
    }
  },
});

function isInRange(count: number, smallest: number | undefined, largest: number | undefined): boolean {
  return count >= (smallest ?? count) && count <= (largest ?? count);
}

/** Whether a target is nowhere, although this stack makes the workloads of its namespace: where it makes none, they are somebody else's. */
function isDangling(stack: Stack, scaler: Resource, kind: string, name: string): boolean {
  if (!workloadKinds.some((known) => known.endsWith(`/${kind}`))) return false;
  // What Helm makes is not seen, and of a patch the object is there already.
  if (stack.kinds("helm.sh/Release").length > 0) return false;
  const together = workloads(stack).map((resource) => sameNamespace(resource, scaler));
  if (together.includes(undefined) || !together.includes(true)) return false;
  const same = stack.kinds(...workloadKinds).filter((resource) => resource.kind === kind);
  const names = same.map(
    (resource) => [resource.objectName, resource.metadata.get("name").isUnknown] as const,
  );
  return !names.some(([own, isUnknown]) => own === name || own === undefined || isUnknown);
}

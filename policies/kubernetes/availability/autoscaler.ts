import { type Resource, sameNamespace, type Stack, stackRule, kubernetesDocs } from "../../core";
import { workloadKinds, workloads } from "./workloads";

export const autoscaler = stackRule({
  name: "autoscaler",
  description:
    "An autoscaler has its own target and room to scale, and nothing else sets the target's replicas.",
  remediation: "Name an existing target in one autoscaler only, and leave replicas out of the target.",
  reference: kubernetesDocs(
    "Horizontal Pod Autoscaling",
    "concepts/workloads/autoscaling/horizontal-pod-autoscale/",
  ),
  why: "If two sources set the same number, every update undoes the autoscaler's changes. An autoscaler whose target does not exist does nothing, without any error.",
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
      // With ignoreChanges the autoscaler's number stays.
      if (!target || target.ignoreChanges.some((path) => ["spec", "spec.replicas"].includes(path))) continue;
      const replicas = target.spec.get("replicas");
      // Outputs always have a number, so a 1 may be the default instead of the program's value.
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

/**
 * Whether a target is missing, although this stack has workloads in the namespace. Otherwise others own them.
 */
function isDangling(stack: Stack, scaler: Resource, kind: string, name: string): boolean {
  if (!workloadKinds.some((known) => known.endsWith(`/${kind}`))) return false;
  // Helm's objects are not visible, and a patch changes an existing object.
  if (stack.kinds("helm.sh/Release").length > 0) return false;
  const together = workloads(stack).map((resource) => sameNamespace(resource, scaler));
  if (together.includes(undefined) || !together.includes(true)) return false;
  const same = stack.kinds(...workloadKinds).filter((resource) => resource.kind === kind);
  const names = same.map(
    (resource) => [resource.objectName, resource.metadata.get("name").isUnknown] as const,
  );
  return !names.some(([own, isUnknown]) => own === name || own === undefined || isUnknown);
}

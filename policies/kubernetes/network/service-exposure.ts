import { resourceRule } from "../../core";

export const loadBalancer = resourceRule({
  name: "load-balancer",
  description: "A LoadBalancer Service says who may connect.",
  why: "It opens the port to whoever reaches the load balancer, on most clouds to the internet.",
  level: "mandatory",
  severity: "high",
  applies: (resource) => resource.is("/Service"),
  check(resource, run) {
    const type = resource.spec.get("type");
    if (type.text() !== "LoadBalancer") return;
    const ranges = resource.spec.get("loadBalancerSourceRanges");
    const annotations = resource.metadata.get("annotations");
    // Which annotation it is depends on the cloud: any that is not known yet may be it.
    if (
      annotations.isUnknown ||
      annotations.entries().some(([key, value]) => isAboutReach(key) && value.isUnknown)
    )
      return;
    const isInternal = annotations
      .entries()
      .some(([key, value]) => isAboutReach(key) && /true|internal|private/i.test(value.text() ?? ""));
    const isOpen = ranges.isAbsent
      ? ranges.isMissing
      : ranges.isPresent && (ranges.list().length === 0 || ranges.includes("0.0.0.0/0", "::/0") === true);
    if (!isOpen || isInternal) return;
    run.violation(ranges, {
      expected: "address ranges, or an annotation that makes the load balancer internal",
      fix: "Set loadBalancerSourceRanges, or use an Ingress with authentication.",
    });
  },
});

function isAboutReach(annotation: string): boolean {
  return /internal|scheme|load-balancer-type/i.test(annotation);
}

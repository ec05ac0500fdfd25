import { isInternet, type Resource, resourceRule, type Value, kubernetesDocs } from "../../core";
import { isInternal } from "./internal-load-balancers";

export const loadBalancer = resourceRule({
  name: "load-balancer",
  description: "A LoadBalancer Service limits who may connect.",
  remediation:
    "List the allowed addresses in loadBalancerSourceRanges, or make the load balancer internal with the cloud's annotation.",
  reference: kubernetesDocs(
    "Service, type LoadBalancer",
    "concepts/services-networking/service/#loadbalancer",
  ),
  controls: { "nsa-cisa": ["network-policies"] },
  why: "The Service opens the port to everybody who can reach the load balancer, on most clouds the whole internet. Two settings limit this: the cloud's annotation for an internal load balancer, and address ranges that together cover less than a quarter of the internet.",
  level: "mandatory",
  severity: "high",
  applies: (resource) => resource.is("/Service"),
  check(resource, run) {
    const type = resource.spec.get("type");
    if (type.text() !== "LoadBalancer" || isInternal(resource) !== false) return;
    const { at, ranges, isHidden } = rangesOf(resource);
    const isOpen = ranges.length === 0 ? at.isMissing || at.isPresent : isInternet(ranges);
    if (isHidden || !isOpen) return;
    run.violation(at, {
      expected: "address ranges, or the cloud's annotation for an internal load balancer",
      fix: "Set loadBalancerSourceRanges, or use an Ingress with authentication.",
    });
  },
});

/** Allowed addresses: the field, or an annotation if the field is empty. */
function rangesOf(resource: Resource): { at: Value; ranges: { cidr: string }[]; isHidden: boolean } {
  const field = resource.spec.get("loadBalancerSourceRanges");
  const annotation = resource.annotation("service.beta.kubernetes.io/load-balancer-source-ranges");
  const isHidden = [field, annotation, ...field.list()].map((value) => value.isUnknown).includes(true);
  const given = field.list().flatMap((item) => item.text() ?? []);
  const isByField = given.length > 0 || !annotation.isPresent;
  const texts = isByField ? given : (annotation.text() ?? "").split(",");
  const ranges = texts.flatMap((text) => (text.trim() === "" ? [] : [{ cidr: text }]));
  return { at: isByField ? field : annotation, ranges, isHidden };
}

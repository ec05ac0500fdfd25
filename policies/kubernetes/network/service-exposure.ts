import { isInternet, type Resource, resourceRule, type Value, kubernetesDocs } from "../../core";
import { isInternal } from "./internal-load-balancers";

export const loadBalancer = resourceRule({
  name: "load-balancer",
  description: "A LoadBalancer Service says who may connect.",
  remediation:
    "List who may connect in loadBalancerSourceRanges, or make the load balancer internal by the annotation of the cloud.",
  reference: kubernetesDocs(
    "Service, type LoadBalancer",
    "concepts/services-networking/service/#loadbalancer",
  ),
  controls: { "nsa-cisa": ["network-policies"] },
  why: "It opens the port to whoever reaches the load balancer, on most clouds to the internet. Address ranges bound that, unless together they are a quarter of the internet or more; so does the annotation by which the cloud makes the load balancer an internal one.",
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
      expected: "address ranges, or the annotation by which this cloud makes the load balancer internal",
      fix: "Set loadBalancerSourceRanges, or use an Ingress with authentication.",
    });
  },
});

/** Who may connect: by the field, or where that is empty by an annotation. */
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

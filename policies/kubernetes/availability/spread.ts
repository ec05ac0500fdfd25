import { resourceRule, kubernetesDocs } from "../../core";
import { isWorkload, replicasOf } from "./workloads";

export const spread = resourceRule({
  name: "spread",
  description: "Replicas are spread over nodes.",
  remediation: "Add topologySpreadConstraints, or podAntiAffinity over kubernetes.io/hostname.",
  reference: kubernetesDocs(
    "Pod Topology Spread Constraints",
    "concepts/scheduling-eviction/topology-spread-constraints/",
  ),
  why: "If all replicas run on one node, they fail together with it. The rule is off by default, because the scheduler already spreads pods to some degree.",
  level: "disabled",
  severity: "low",
  applies: isWorkload,
  check(resource, run) {
    const count = replicasOf(resource);
    const [pod] = resource.pods;
    if (!pod || count === undefined || count < 2) return;
    const constraints = pod.spec.get("topologySpreadConstraints");
    const affinity = pod.spec.get("affinity", "podAntiAffinity");
    if (!constraints.isMissing || !affinity.isMissing) return;
    run.violation(constraints, {
      expected: "constraints, or an anti-affinity",
      fix: "Add one with topologyKey kubernetes.io/hostname.",
    });
  },
});

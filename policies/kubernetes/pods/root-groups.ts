import { podRule, type Value, kubernetesDocs } from "../../core";

export const rootGroups = podRule({
  name: "root-groups",
  description: "Containers are not set to run in root's group.",
  remediation: "Write numbers above 0 for runAsGroup, fsGroup and supplementalGroups.",
  reference: kubernetesDocs(
    "Configure a Security Context for a Pod or Container",
    "tasks/configure-pod-container/security-context/",
  ),
  controls: { cis: ["5.7.3"], "nsa-cisa": ["pod-security"] },
  why: "In group 0 the container has access to files of that group, and many images give the group rights.",
  level: "advisory",
  severity: "low",
  check(pod, run) {
    const context = pod.securityContext;
    const places: Value[] = [
      context.get("runAsGroup"),
      context.get("fsGroup"),
      ...context.get("supplementalGroups").list(),
      ...pod.containers.map((container) => container.securityContext.get("runAsGroup")),
    ];
    for (const value of places) {
      if (value.number() !== 0) continue;
      run.violation(value, { expected: "another group than 0", fix: "Use the number of an ordinary group." });
    }
  },
});

import { resourceRule, kubernetesDocs } from "../../core";

export const barePods = resourceRule({
  name: "bare-pods",
  description: "Pods are run by a workload.",
  remediation: "Make a Deployment, a StatefulSet or a Job of it.",
  reference: kubernetesDocs("Pods", "concepts/workloads/pods/"),
  why: "Nobody brings a bare pod back when its node goes.",
  level: "advisory",
  severity: "low",
  applies: (resource) => resource.is("/Pod"),
  check(resource, run) {
    if (resource.isPatch) return;
    run.violation(resource.metadata.get("name"), {
      expected: "a Deployment, StatefulSet or Job that runs it",
      fix: "Use one of these.",
      actual: "a bare pod",
    });
  },
});

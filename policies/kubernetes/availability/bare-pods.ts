import { resourceRule, kubernetesDocs } from "../../core";

export const barePods = resourceRule({
  name: "bare-pods",
  description: "Pods belong to a workload.",
  remediation: "Use a Deployment, a StatefulSet or a Job instead.",
  reference: kubernetesDocs("Pods", "concepts/workloads/pods/"),
  why: "Nothing restarts a bare pod if its node fails.",
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

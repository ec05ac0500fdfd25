import { containerRule, kubernetesDocs } from "../../core";
import { isNothing, isOfPod } from "./places";

export const requests = containerRule({
  name: "resource-requests",
  description: "Every container says how much CPU and memory it needs, or its pod does.",
  remediation: "Write resources.requests with cpu and memory for every container, or for the pod.",
  reference: kubernetesDocs(
    "Resource Management for Pods and Containers",
    "concepts/configuration/manage-resources-containers/",
  ),
  controls: { "nsa-cisa": ["resource-policies"] },
  why: "The scheduler counts requests only: without them a node is filled beyond what it has, and the pod is the first to be evicted. A request of 0 is none.",
  level: "mandatory",
  severity: "medium",
  check(container, run, pod) {
    if (container.type === "ephemeral") return;
    for (const resource of ["cpu", "memory"]) {
      // A limit without a request is taken as the request, too.
      const request = container.get("resources", "requests", resource);
      const isGiven = request.isAbsent && !isNothing(container.get("resources", "limits", resource));
      if (isGiven || !isNothing(request) || isOfPod(pod, "requests", resource)) continue;
      run.violation(request, {
        expected: "a quantity above 0",
        fix: resource === "cpu" ? "Set it, for example to 500m." : "Set it, for example to 512Mi.",
      });
    }
  },
});

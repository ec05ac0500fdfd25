import { containerRule } from "../../core";

export const requests = containerRule({
  name: "resource-requests",
  description: "Every container says how much CPU and memory it needs.",
  why: "The scheduler counts requests only: without them a node is filled beyond what it has, and the pod is the first to be evicted.",
  level: "mandatory",
  severity: "medium",
  check(container, run) {
    if (container.type === "ephemeral") return;
    for (const resource of ["cpu", "memory"]) {
      // A limit without a request is taken as the request, too.
      const request = container.get("resources", "requests", resource);
      if (!request.isMissing || !container.get("resources", "limits", resource).isMissing) continue;
      run.violation(request, {
        expected: "a quantity",
        fix: resource === "cpu" ? "Set it, for example to 500m." : "Set it, for example to 512Mi.",
      });
    }
  },
});

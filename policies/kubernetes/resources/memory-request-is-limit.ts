import { podRule, quantityOf, kubernetesDocs } from "../../core";
import { resourcesOf } from "./places";

export const memoryRequestIsLimit = podRule({
  name: "memory-request-is-limit",
  description: "Pods and containers request as much memory as they may use.",
  remediation: "Write the same amount of memory for request and limit.",
  reference: kubernetesDocs("Pod Quality of Service Classes", "concepts/workloads/pods/pod-qos/"),
  why: "If both are equal, no other pod can use memory that this one needs. The rule is off by default, because memory that is needed rarely then stays idle.",
  level: "disabled",
  severity: "low",
  check(pod, run) {
    for (const resources of resourcesOf(pod)) {
      const request = resources.get("requests", "memory");
      const limit = resources.get("limits", "memory");
      const [asked, most] = [quantityOf(request), quantityOf(limit)];
      if (asked === undefined || most === undefined || asked === most) continue;
      run.violation(request, {
        expected: `the limit, ${limit.scalar() ?? ""}`,
        fix: "Set both to the same quantity.",
      });
    }
  },
});

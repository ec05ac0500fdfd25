import { containerRule, kubernetesDocs } from "../../core";
import { isNothing, isOfPod } from "./places";

export const memoryLimit = containerRule({
  name: "memory-limit",
  description: "Every container has a memory limit, of its own or of its pod.",
  remediation: "Write resources.limits.memory for every container, or for the pod.",
  reference: kubernetesDocs(
    "Resource Management for Pods and Containers",
    "concepts/configuration/manage-resources-containers/",
  ),
  controls: { "nsa-cisa": ["resource-policies"] },
  why: "Without a limit one memory leak can use the memory of the whole node, and the kernel then kills any process.",
  level: "mandatory",
  severity: "medium",
  check(container, run, pod) {
    if (container.type === "ephemeral" || isOfPod(pod, "limits", "memory")) return;
    const limit = container.get("resources", "limits", "memory");
    if (isNothing(limit))
      run.violation(limit, { expected: "a quantity above 0", fix: "Set it, for example to 512Mi." });
  },
});

import { containerRule, kubernetesDocs } from "../../core";
import { isNothing, isOfPod } from "./places";

export const cpuLimit = containerRule({
  name: "cpu-limit",
  description: "Every container has a CPU limit, of its own or of its pod.",
  remediation: "Write resources.limits.cpu for every container, or for the pod.",
  reference: kubernetesDocs(
    "Resource Management for Pods and Containers",
    "concepts/configuration/manage-resources-containers/",
  ),
  controls: { "nsa-cisa": ["resource-policies"] },
  why: "A limit prevents one container from slowing down its neighbours. The rule is off by default, because a limit also slows the container itself while the node is idle.",
  level: "disabled",
  severity: "low",
  check(container, run, pod) {
    if (container.type === "ephemeral" || isOfPod(pod, "limits", "cpu")) return;
    const limit = container.get("resources", "limits", "cpu");
    if (isNothing(limit))
      run.violation(limit, { expected: "a quantity above 0", fix: "Set it, for example to 1." });
  },
});

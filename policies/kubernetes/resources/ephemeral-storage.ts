import { containerRule, kubernetesDocs } from "../../core";

export const ephemeralStorage = containerRule({
  name: "ephemeral-storage",
  description: "Containers have a limit for the node's disk.",
  remediation: "Write limits.ephemeral-storage; it is the request, too.",
  reference: kubernetesDocs(
    "Local ephemeral storage",
    "concepts/configuration/manage-resources-containers/#local-ephemeral-storage",
  ),
  controls: { "nsa-cisa": ["resource-policies"] },
  why: "Logs, temporary files and emptyDir volumes share the node's disk. Without a limit one container fills it, and the kubelet evicts others. A limit is the request, too, where there is none.",
  level: "advisory",
  severity: "low",
  check(container, run) {
    if (container.type === "ephemeral") return;
    // It serves as the request, too, where there is none.
    const limit = container.get("resources", "limits", "ephemeral-storage");
    if (limit.isMissing) run.violation(limit, { expected: "a quantity", fix: "Set it, for example to 2Gi." });
  },
});

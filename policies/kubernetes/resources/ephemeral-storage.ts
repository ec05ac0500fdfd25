import { containerRule, kubernetesDocs } from "../../core";

export const ephemeralStorage = containerRule({
  name: "ephemeral-storage",
  description: "Containers have a limit for their use of the node's disk.",
  remediation: "Write limits.ephemeral-storage, which is also the default request.",
  reference: kubernetesDocs(
    "Local ephemeral storage",
    "concepts/configuration/manage-resources-containers/#local-ephemeral-storage",
  ),
  controls: { "nsa-cisa": ["resource-policies"] },
  why: "Logs, temporary files and emptyDir volumes share the node's disk. Without a limit one container can fill it, and the kubelet evicts others. The limit is also the default request.",
  level: "advisory",
  severity: "low",
  check(container, run) {
    if (container.type === "ephemeral") return;
    // It is also the default request.
    const limit = container.get("resources", "limits", "ephemeral-storage");
    if (limit.isMissing) run.violation(limit, { expected: "a quantity", fix: "Set it, for example to 2Gi." });
  },
});

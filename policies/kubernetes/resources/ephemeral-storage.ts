import { containerRule } from "../../core";

export const ephemeralStorage = containerRule({
  name: "ephemeral-storage",
  description: "Containers have a request and a limit for the node's disk.",
  why: "Logs, temporary files and emptyDir volumes share the node's disk. Without a limit one container fills it, and the kubelet evicts others.",
  level: "advisory",
  severity: "low",
  check(container, run) {
    if (container.type === "ephemeral") return;
    for (const kind of ["requests", "limits"]) {
      const value = container.get("resources", kind, "ephemeral-storage");
      if (!value.isMissing) continue;
      // The limit serves as the request where there is none.
      if (kind === "requests" && !container.get("resources", "limits", "ephemeral-storage").isMissing)
        continue;
      run.violation(value, { expected: "a quantity", fix: "Set it, for example to 2Gi." });
    }
  },
});

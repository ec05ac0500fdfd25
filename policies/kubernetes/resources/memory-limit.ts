import { containerRule } from "../../core";

export const memoryLimit = containerRule({
  name: "memory-limit",
  description: "Every container has a memory limit.",
  why: "Without a limit one leak takes the memory of the whole node, and the kernel kills whatever it likes.",
  level: "mandatory",
  severity: "medium",
  check(container, run) {
    if (container.type === "ephemeral") return;
    const limit = container.get("resources", "limits", "memory");
    if (limit.isMissing)
      run.violation(limit, { expected: "a quantity", fix: "Set it, for example to 512Mi." });
  },
});

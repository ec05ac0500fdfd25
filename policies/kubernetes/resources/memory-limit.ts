import { containerRule } from "../../core";
import { isNothing, isOfPod } from "./places";

export const memoryLimit = containerRule({
  name: "memory-limit",
  description: "Every container has a memory limit, of its own or of its pod.",
  why: "Without a limit one leak takes the memory of the whole node, and the kernel kills whatever it likes.",
  level: "mandatory",
  severity: "medium",
  check(container, run, pod) {
    if (container.type === "ephemeral" || isOfPod(pod, "limits", "memory")) return;
    const limit = container.get("resources", "limits", "memory");
    if (isNothing(limit))
      run.violation(limit, { expected: "a quantity above 0", fix: "Set it, for example to 512Mi." });
  },
});

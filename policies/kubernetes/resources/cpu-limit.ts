import { containerRule } from "../../core";

export const cpuLimit = containerRule({
  name: "cpu-limit",
  description: "Every container has a CPU limit.",
  why: "A limit keeps one container from slowing down its neighbours. It is off by default, since it also slows the container itself while the node is idle.",
  level: "disabled",
  severity: "low",
  check(container, run) {
    if (container.type === "ephemeral") return;
    const limit = container.get("resources", "limits", "cpu");
    if (limit.isMissing) run.violation(limit, { expected: "a quantity", fix: "Set it, for example to 1." });
  },
});

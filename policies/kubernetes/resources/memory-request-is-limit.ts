import { containerRule, quantityOf } from "../../core";

export const memoryRequestIsLimit = containerRule({
  name: "memory-request-is-limit",
  description: "Containers request as much memory as they may use.",
  why: "Then no other pod can take memory that this one counts on. It is off by default: it leaves memory idle that is used rarely.",
  level: "disabled",
  severity: "low",
  check(container, run) {
    if (container.type === "ephemeral") return;
    const request = container.get("resources", "requests", "memory");
    const limit = container.get("resources", "limits", "memory");
    const [asked, most] = [quantityOf(request), quantityOf(limit)];
    if (asked === undefined || most === undefined || asked === most) return;
    run.violation(request, {
      expected: `the limit, ${limit.scalar() ?? ""}`,
      fix: "Set both to the same quantity.",
    });
  },
});

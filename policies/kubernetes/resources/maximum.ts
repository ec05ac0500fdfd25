import { containerRule, type Options, option, parseQuantity, quantityOf } from "../../core";

const options = {
  cpu: option<string>("", "The most CPU that one container may request, such as 16. Empty: any.", {
    type: "string",
  }),
  memory: option<string>("", "The most memory that one container may request, such as 64Gi. Empty: any.", {
    type: "string",
  }),
} satisfies Options;

export const maximum = containerRule<typeof options>({
  name: "resource-maximum",
  description: "No container requests more than the configured maximum.",
  why: "A mistyped quantity is found here, and not on the bill. It does nothing until a maximum is configured.",
  level: "mandatory",
  severity: "low",
  options,
  check(container, run) {
    for (const resource of ["cpu", "memory"] as const) {
      const most = parseQuantity(run.config[resource]);
      if (most === undefined) continue;
      for (const kind of ["requests", "limits"]) {
        const value = container.get("resources", kind, resource);
        const asked = quantityOf(value);
        if (asked === undefined || asked <= most) continue;
        run.violation(value, { expected: `at most ${run.config[resource]}`, fix: "Ask for less." });
      }
    }
  },
});

import { podRule, type Options, option, parseQuantity, quantityOf, kubernetesDocs } from "../../core";
import { resourcesOf } from "./places";

const options = {
  cpu: option<string>("", "The most CPU that one container may request, such as 16. Empty: any.", {
    type: "string",
  }),
  memory: option<string>("", "The most memory that one container may request, such as 64Gi. Empty: any.", {
    type: "string",
  }),
} satisfies Options;

export const maximum = podRule<typeof options>({
  name: "resource-maximum",
  description: "No pod and no container asks for more than the configured maximum.",
  remediation: "Ask for less, or have the maximum raised by whoever set it.",
  reference: kubernetesDocs("Limit Ranges", "concepts/policy/limit-range/"),
  controls: { "nsa-cisa": ["resource-policies"] },
  why: "A mistyped quantity is found here, and not on the bill. It does nothing until a maximum is configured.",
  level: "mandatory",
  severity: "low",
  options,
  check(pod, run) {
    for (const resource of ["cpu", "memory"] as const) {
      const most = parseQuantity(run.config[resource]);
      if (most === undefined) continue;
      for (const place of resourcesOf(pod)) {
        for (const kind of ["requests", "limits"]) {
          const value = place.get(kind, resource);
          const asked = quantityOf(value);
          if (asked === undefined || asked <= most) continue;
          run.violation(value, { expected: `at most ${run.config[resource]}`, fix: "Ask for less." });
        }
      }
    }
  },
});

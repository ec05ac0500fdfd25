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
  description: "No pod and no container requests more than the configured maximum.",
  remediation: "Request less, or ask the owner of the configuration to raise the maximum.",
  reference: kubernetesDocs("Limit Ranges", "concepts/policy/limit-range/"),
  controls: { "nsa-cisa": ["resource-policies"] },
  why: "The rule finds a mistyped quantity before it is on the bill. It has no effect until a maximum is configured.",
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
          run.violation(value, { expected: `at most ${run.config[resource]}`, fix: "Request less." });
        }
      }
    }
  },
});

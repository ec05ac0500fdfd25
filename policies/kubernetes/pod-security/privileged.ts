import { control } from "./standard";

export const privileged = control({
  id: "privileged",
  standard: "baseline",
  name: "pss-privileged",
  description: "Containers are not privileged.",
  remediation:
    "Leave privileged out. Add the one capability that is needed, or use a device plugin for a device.",
  controls: { cis: ["5.2.2"], "nsa-cisa": ["pod-security"] },
  why: "A privileged container has all capabilities and all devices of the node, so an attacker in the container owns the node.",
  severity: "critical",
  check(pod, run) {
    for (const container of pod.containers) {
      const value = container.securityContext.get("privileged");
      if (value.boolean() === true) run.violation(value, { expected: "false", fix: "Leave it out." });
    }
  },
});

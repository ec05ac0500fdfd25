import { contexts, control } from "./standard";

export const windowsHostProcess = control({
  id: "windowsHostProcess",
  standard: "baseline",
  name: "pss-windows-host-process",
  description: "Containers are not host processes of a Windows node.",
  remediation: "Leave hostProcess out.",
  controls: { cis: ["5.2.11"], "nsa-cisa": ["pod-security"] },
  why: "A HostProcess container has the node's rights.",
  severity: "high",
  check(pod, run) {
    for (const context of contexts(pod)) {
      const value = context.get("windowsOptions", "hostProcess");
      if (value.boolean() === true) run.violation(value, { expected: "false", fix: "Leave it out." });
    }
  },
});

import { control } from "./standard";

const allowed = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

export const capabilitiesBaseline = control({
  id: "capabilities_baseline",
  standard: "baseline",
  replacedSince: 22,
  name: "pss-capabilities-baseline",
  description: "Containers add only capabilities that container runtimes grant by default.",
  remediation: "Leave the capability out of capabilities.add.",
  controls: { cis: ["5.2.9"], "nsa-cisa": ["pod-security"] },
  why: "Capabilities such as SYS_ADMIN or NET_ADMIN are parts of root on the node.",
  severity: "high",
  check(pod, run) {
    for (const container of pod.containers) {
      for (const value of container.securityContext.get("capabilities", "add").list()) {
        const name = value.text();
        if (name === undefined || allowed.includes(name)) continue;
        run.violation(value, { expected: `one of ${allowed.join(", ")}`, fix: "Do not add it." });
      }
    }
  },
});

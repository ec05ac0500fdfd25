import { control, isWindows } from "./standard";

export const capabilitiesRestricted = control({
  id: "capabilities_restricted",
  standard: "restricted",
  since: 22,
  name: "pss-capabilities-restricted",
  description: "Containers drop all capabilities, and add at most NET_BIND_SERVICE.",
  remediation: "Set capabilities.drop: [ALL] on every container, and add at most NET_BIND_SERVICE.",
  controls: { cis: ["5.2.8", "5.2.9", "5.2.10"], "nsa-cisa": ["pod-security"] },
  why: "Container runtimes grant capabilities that hardly any program needs. Dropped ones cannot be misused.",
  severity: "medium",
  check(pod, run, minor) {
    const windows = minor >= 25 ? isWindows(pod) : false;
    if (windows === true) return;
    for (const container of pod.containers) {
      const capabilities = container.securityContext.get("capabilities");
      const drop = capabilities.get("drop");
      const lacksAll = drop.isAbsent ? drop.isMissing : drop.includes("ALL") === false;
      // For a pod that may run on Windows, only explicit values count.
      if (lacksAll && (windows === false || drop.isPresent)) {
        run.violation(drop, { expected: '["ALL"]', fix: 'Set it to ["ALL"].' });
      }
      for (const value of capabilities.get("add").list()) {
        if (value.text() === undefined || value.text() === "NET_BIND_SERVICE") continue;
        run.violation(value, { expected: 'at most "NET_BIND_SERVICE"', fix: "Do not add it." });
      }
    }
  },
  fixes(pod) {
    if (isWindows(pod) !== false) return [];
    return pod.containers
      .map((container) => container.securityContext.get("capabilities", "drop"))
      .filter((drop) => drop.isMissing || drop.includes("ALL") === false)
      .map((at) => ({ at, value: ["ALL"] }));
  },
});

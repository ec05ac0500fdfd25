import { control, isWindows } from "./standard";

export const privilegeEscalation = control({
  id: "allowPrivilegeEscalation",
  standard: "restricted",
  since: 8,
  name: "pss-privilege-escalation",
  description: "No process in a container can gain more rights than its parent.",
  remediation: "Set allowPrivilegeEscalation: false on every container.",
  controls: { cis: ["5.2.6"], "nsa-cisa": ["pod-security"] },
  why: "Without this setting a program with the setuid bit can turn any user into root, and Kubernetes allows it by default.",
  severity: "medium",
  check(pod, run, minor) {
    const windows = minor >= 25 ? isWindows(pod) : false;
    for (const container of pod.containers) {
      const value = container.securityContext.get("allowPrivilegeEscalation");
      // For a pod that may run on Windows, only explicit values count.
      const isBad = value.isAbsent ? windows === false && value.isMissing : value.boolean() === true;
      if (windows === true || !isBad) continue;
      run.violation(value, { expected: "false", fix: "Set it to false." });
    }
  },
  fixes(pod) {
    if (isWindows(pod) !== false) return [];
    return pod.containers
      .map((container) => container.securityContext.get("allowPrivilegeEscalation"))
      .filter((value) => value.isMissing)
      .map((at) => ({ at, value: false }));
  },
});

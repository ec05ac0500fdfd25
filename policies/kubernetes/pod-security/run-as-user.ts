import { contexts, control, hasUserNamespace } from "./standard";

export const runAsUser = control({
  id: "runAsUser",
  standard: "restricted",
  since: 23,
  name: "pss-run-as-user",
  description: "No container is set to run as user 0.",
  remediation: "Leave runAsUser: 0 out, or name another user.",
  controls: { cis: ["5.2.7"], "nsa-cisa": ["non-root", "pod-security"] },
  why: "User 0 is root. A pod with runAsNonRoot and user 0 never starts.",
  severity: "high",
  check(pod, run, minor) {
    if (minor >= 35 && hasUserNamespace(pod) !== false) return;
    for (const context of contexts(pod)) {
      const value = context.get("runAsUser");
      if (value.number() !== 0) continue;
      run.violation(value, { expected: "another user than 0", fix: "Use the number of an ordinary user." });
    }
  },
});

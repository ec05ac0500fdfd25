import type { Value } from "../../core";
import { contexts, control, oneOf } from "./standard";

export const allowedProfiles = ["RuntimeDefault", "Localhost"];
const podAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
const containerAnnotation = "container.seccomp.security.alpha.kubernetes.io/";

export const seccompBaseline = control({
  id: "seccompProfile_baseline",
  standard: "baseline",
  replacedSince: 19,
  name: "pss-seccomp-baseline",
  description: "Seccomp is not turned off.",
  remediation: "Write RuntimeDefault instead of Unconfined.",
  controls: { cis: ["5.7.2"], "nsa-cisa": ["pod-security", "hardening-containers"] },
  why: "Without a seccomp profile a container may use every system call, also those of attacks on the kernel.",
  severity: "medium",
  check(pod, run, minor) {
    if (minor >= 19) {
      for (const context of contexts(pod)) {
        const type = context.get("seccompProfile", "type");
        if (!isBadProfile(context.get("seccompProfile"))) continue;
        run.violation(type, { expected: oneOf(allowedProfiles), fix: "Use RuntimeDefault." });
      }
      return;
    }
    const names = pod.containers.map(({ name }) => name).filter((name) => name !== undefined);
    for (const key of [podAnnotation, ...names.map((name) => containerAnnotation + name)]) {
      const value = pod.metadata.get("annotations", key);
      const text = value.text();
      if (text === undefined || text === "runtime/default" || text === "docker/default") continue;
      if (text.startsWith("localhost/")) continue;
      run.violation(value, {
        expected: '"runtime/default" or "localhost/<profile>"',
        fix: "Use runtime/default.",
      });
    }
  },
});

/** Whether a profile is set and not allowed. */
export function isBadProfile(profile: Value): boolean {
  const type = profile.get("type");
  if (!profile.isPresent || type.isUnknown) return false;
  return type.isAbsent ? type.isMissing : !allowedProfiles.includes(type.text() ?? "");
}

import { allowedProfiles, isBadProfile } from "./seccomp-baseline";
import { contexts, control, isWindows, oneOf } from "./standard";

export const seccompRestricted = control({
  id: "seccompProfile_restricted",
  standard: "restricted",
  since: 19,
  name: "pss-seccomp-restricted",
  description: "Every container has a seccomp profile.",
  remediation: "Set seccompProfile.type: RuntimeDefault in the security context of the pod.",
  controls: { cis: ["5.7.2", "5.7.3"], "nsa-cisa": ["pod-security", "hardening-containers"] },
  why: "Kubernetes has no default profile, and without one a container may use every system call, also those of attacks on the kernel.",
  severity: "medium",
  check(pod, run, minor) {
    const windows = minor >= 25 ? isWindows(pod) : false;
    if (windows === true) return;
    const expected = oneOf(allowedProfiles);
    for (const context of contexts(pod)) {
      if (!isBadProfile(context.get("seccompProfile"))) continue;
      run.violation(context.get("seccompProfile", "type"), { expected, fix: "Use RuntimeDefault." });
    }
    const podProfile = pod.securityContext.get("seccompProfile");
    // A forbidden profile of the pod does not count for its containers.
    const podHasNone = podProfile.isMissing || isBadProfile(podProfile);
    if (windows !== false || !podHasNone) return;
    for (const container of pod.containers) {
      const profile = container.securityContext.get("seccompProfile");
      if (!profile.isMissing) continue;
      run.violation(profile.get("type"), {
        expected,
        fix: "Set securityContext.seccompProfile.type of the pod to RuntimeDefault.",
      });
    }
  },
  fixes(pod) {
    const profile = pod.securityContext.get("seccompProfile");
    return profile.isMissing && isWindows(pod) === false
      ? [{ at: profile, value: { type: "RuntimeDefault" } }]
      : [];
  },
});

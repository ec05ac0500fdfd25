import { contexts, control, hasUserNamespace } from "./standard";

export const runAsNonRoot = control({
  id: "runAsNonRoot",
  standard: "restricted",
  name: "pss-run-as-non-root",
  description: "Containers cannot run as root.",
  remediation:
    "Set runAsNonRoot: true in the security context of the pod, and build the image with its own user.",
  controls: { cis: ["5.2.7", "5.7.3"], "nsa-cisa": ["non-root", "pod-security"] },
  why: "With runAsNonRoot the kubelet refuses an image that starts as root. If the isolation fails, root in a container is root on the node.",
  severity: "high",
  check(pod, run, minor) {
    if (minor >= 35 && hasUserNamespace(pod) !== false) return;
    for (const context of contexts(pod)) {
      const value = context.get("runAsNonRoot");
      if (value.boolean() === false) run.violation(value, { expected: "true", fix: "Set it to true." });
    }
    const ofPod = pod.securityContext.get("runAsNonRoot");
    if (!ofPod.isMissing && ofPod.boolean() !== false) return;
    for (const container of pod.containers) {
      const value = container.securityContext.get("runAsNonRoot");
      if (!value.isMissing) continue;
      run.violation(value, { expected: "true, here or for the pod", fix: "Set it to true for the pod." });
    }
  },
  fixes(pod) {
    const value = pod.securityContext.get("runAsNonRoot");
    return value.isMissing && hasUserNamespace(pod) === false ? [{ at: value, value: true }] : [];
  },
});

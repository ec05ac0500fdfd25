import { contexts, control, oneOf } from "./standard";

const prefix = "container.apparmor.security.beta.kubernetes.io/";
const allowed = ["RuntimeDefault", "Localhost"];

export const appArmor = control({
  id: "appArmorProfile",
  standard: "baseline",
  name: "pss-app-armor",
  description: "The AppArmor profile of the container runtime is not turned off.",
  remediation: "Leave the AppArmor profile out, or name RuntimeDefault or a profile of the node.",
  controls: { "nsa-cisa": ["pod-security"] },
  why: "The profile prevents a container of any user from mounting, tracing and writing to the kernel's files.",
  severity: "medium",
  check(pod, run) {
    for (const context of contexts(pod)) {
      const profile = context.get("appArmorProfile");
      const type = profile.get("type");
      if (!profile.isPresent || type.isUnknown) continue;
      if (type.isAbsent ? !type.isMissing : allowed.includes(type.text() ?? "")) continue;
      run.violation(type, { expected: oneOf(allowed), fix: "Leave the profile out, or use RuntimeDefault." });
    }
    for (const [key, value] of pod.metadata.get("annotations").entries()) {
      const text = value.text();
      if (!key.startsWith(prefix) || text === undefined) continue;
      if (text === "" || text === "runtime/default" || text.startsWith("localhost/")) continue;
      run.violation(value, {
        expected: '"runtime/default" or "localhost/<profile>"',
        fix: "Leave the annotation out.",
      });
    }
  },
});

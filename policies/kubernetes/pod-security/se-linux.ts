import { contexts, control, oneOf } from "./standard";

const types = ["container_t", "container_init_t", "container_kvm_t"];

export const seLinux = control({
  id: "seLinuxOptions",
  standard: "baseline",
  name: "pss-se-linux",
  description: "Pods use an SELinux type for containers, and set no SELinux user or role.",
  remediation: "Leave seLinuxOptions out, or name a type for containers.",
  controls: { "nsa-cisa": ["pod-security"] },
  why: "With another type, user or role, the rules that protect the node's files no longer apply to the container.",
  severity: "medium",
  check(pod, run, minor) {
    const allowed = minor >= 31 ? [...types, "container_engine_t"] : types;
    for (const context of contexts(pod)) {
      const options = context.get("seLinuxOptions");
      const type = options.get("type");
      const text = type.text();
      if (text !== undefined && text !== "" && !allowed.includes(text)) {
        run.violation(type, { expected: oneOf(allowed), fix: "Leave it out, or use one of these." });
      }
      for (const field of ["user", "role"]) {
        const value = options.get(field);
        if (value.text() === undefined || value.text() === "") continue;
        run.violation(value, { expected: "no value", fix: "Leave it out." });
      }
    }
  },
});

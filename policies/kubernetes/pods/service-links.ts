import { podRule, kubernetesDocs } from "../../core";

export const serviceLinks = podRule({
  name: "service-links",
  description: "Pods get no environment variables about all Services of their namespace.",
  remediation: "Set enableServiceLinks: false; find Services by their names in DNS.",
  reference: kubernetesDocs(
    "Service, environment variables",
    "concepts/services-networking/service/#environment-variables",
  ),
  why: "With many Services a container no longer starts, and a Service's name can overwrite a program's own variable. It is off by default: it does no harm in small namespaces.",
  level: "disabled",
  severity: "low",
  check(pod, run) {
    const value = pod.spec.get("enableServiceLinks");
    if (value.isAbsent ? !value.isMissing : value.boolean() !== true) return;
    run.violation(value, { expected: "false", fix: "Set it to false." });
  },
  fixes(pod) {
    const value = pod.spec.get("enableServiceLinks");
    return value.isMissing ? [{ at: value, value: false }] : [];
  },
});

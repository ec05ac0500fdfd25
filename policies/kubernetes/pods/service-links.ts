import { podRule, kubernetesDocs } from "../../core";

export const serviceLinks = podRule({
  name: "service-links",
  description: "Pods get no environment variables about all Services of their namespace.",
  remediation: "Set enableServiceLinks: false, and find Services by their DNS names.",
  reference: kubernetesDocs(
    "Service, environment variables",
    "concepts/services-networking/service/#environment-variables",
  ),
  why: "With many Services a container no longer starts, and a Service's name can overwrite a program's own variable. The rule is off by default, because small namespaces do not have this problem.",
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

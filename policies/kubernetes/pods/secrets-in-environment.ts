import { containerRule, kubernetesDocs } from "../../core";

export const secretsInEnvironment = containerRule({
  name: "secrets-in-environment",
  description: "Secrets reach containers as files, not as environment variables.",
  remediation: "Mount the Secret as a volume and read the file.",
  reference: kubernetesDocs(
    "Good practices for Kubernetes Secrets",
    "concepts/security/secrets-good-practices/",
  ),
  controls: { cis: ["5.4.1"], "nsa-cisa": ["secrets"] },
  why: "Environment variables show up in crash reports, child processes and debug pages, and do not change when the Secret changes. The rule is off by default, because many programs read secrets only from there.",
  level: "disabled",
  severity: "low",
  check(container, run) {
    const places = [
      ...container
        .get("env")
        .list()
        .map((variable) => variable.get("valueFrom", "secretKeyRef")),
      ...container
        .get("envFrom")
        .list()
        .map((source) => source.get("secretRef")),
    ];
    for (const value of places) {
      if (!value.isPresent) continue;
      run.violation(value, {
        expected: "a volume",
        fix: "Mount the Secret as a volume.",
        actual: "a reference",
      });
    }
  },
});

import { containerRule, type Options, option, kubernetesDocs } from "../../core";

const options = {
  allow: option<string[]>([], "Names of containers that may write to their image's file system.", {
    type: "array",
    items: { type: "string" },
  }),
} satisfies Options;

export const readOnlyRoot = containerRule<typeof options>({
  name: "read-only-root-filesystem",
  description: "Containers cannot write to their own image's file system.",
  remediation: "Set readOnlyRootFilesystem: true, and mount an emptyDir where the program writes.",
  reference: kubernetesDocs(
    "Configure a Security Context for a Pod or Container",
    "tasks/configure-pod-container/security-context/",
  ),
  controls: { cis: ["5.7.3"], "nsa-cisa": ["immutable-file-systems"] },
  why: "With a read-only file system an attacker cannot add or change programs. Programs write their files to volumes.",
  level: "advisory",
  severity: "low",
  options,
  check(container, run, pod) {
    const { allow } = run.config;
    // A container with an unknown name may be one of those.
    if (container.type === "ephemeral" || (allow.length > 0 && container.name === undefined)) return;
    if (allow.includes(container.name ?? "")) return;
    const value = container.securityContext.get("readOnlyRootFilesystem");
    const isBad = value.isAbsent ? value.isMissing : value.boolean() === false;
    const system = pod.spec.get("os", "name");
    if (!isBad || system.isUnknown || system.text() === "windows") return;
    run.violation(value, {
      expected: "true",
      fix: "Set it, and mount an emptyDir where the program writes.",
    });
  },
});

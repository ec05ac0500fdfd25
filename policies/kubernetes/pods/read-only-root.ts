import { containerRule, type Options, option } from "../../core";

const options = {
  allow: option<string[]>([], "Names of containers that may write to their image's file system.", {
    type: "array",
    items: { type: "string" },
  }),
} satisfies Options;

export const readOnlyRoot = containerRule<typeof options>({
  name: "read-only-root-filesystem",
  description: "Containers cannot write to their own image's file system.",
  why: "An attacker then cannot leave a program there or change one. What a program must write goes into volumes.",
  level: "advisory",
  severity: "low",
  options,
  check(container, run, pod) {
    if (container.type === "ephemeral" || run.config.allow.includes(container.name ?? "")) return;
    const value = container.securityContext.get("readOnlyRootFilesystem");
    const isBad = value.isAbsent ? value.isMissing : value.boolean() === false;
    if (!isBad || pod.spec.get("os", "name").text() === "windows") return;
    run.violation(value, {
      expected: "true",
      fix: "Set it, and mount an emptyDir where the program writes.",
    });
  },
});

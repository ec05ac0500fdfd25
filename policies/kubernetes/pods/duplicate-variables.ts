import { containerRule, kubernetesDocs } from "../../core";

export const duplicateVariables = containerRule({
  name: "duplicate-variables",
  description: "An environment variable is set once.",
  remediation: "Keep one of the entries.",
  reference: kubernetesDocs(
    "Define Environment Variables for a Container",
    "tasks/inject-data-application/define-environment-variable-container/",
  ),
  why: "The last entry counts, so a change of the first one has no effect.",
  level: "advisory",
  severity: "low",
  check(container, run) {
    const seen = new Set<string>();
    for (const variable of container.get("env").list()) {
      const name = variable.get("name");
      const text = name.text();
      if (text === undefined) continue;
      if (seen.has(text))
        run.violation(name, { expected: "a name that is not used yet", fix: "Remove one of them." });
      seen.add(text);
    }
  },
});

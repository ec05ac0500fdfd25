import { containerRule, type Options, option } from "../../core";

const options = {
  names: option<string>(
    "(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)$",
    "A regular expression: names of environment variables, in capitals, that hold secrets.",
    { type: "string" },
  ),
} satisfies Options;

export const literalSecrets = containerRule<typeof options>({
  name: "literal-secrets",
  description: "Passwords, tokens and keys are not written into pods.",
  why: "Whoever may read pods, which many may, reads them; they also are in the state, in logs and in the program's repository.",
  level: "mandatory",
  severity: "high",
  options,
  check(container, run) {
    const pattern = new RegExp(run.config.names);
    for (const variable of container.get("env").list()) {
      const name = variable.get("name").text();
      const value = variable.get("value");
      if (name === undefined || !pattern.test(name.toUpperCase())) continue;
      const text = value.text();
      // A reference to another variable, or a path, is no secret.
      if (text === undefined || text === "" || /^(\$\(\w+\)|\/[\w./-]+)$/.test(text)) continue;
      run.violation(value, {
        expected: "a reference to a Secret",
        fix: "Put the value into a Secret, and use valueFrom.secretKeyRef.",
        actual: false,
      });
    }
  },
});

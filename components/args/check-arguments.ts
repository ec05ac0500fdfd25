import { isSecretValue, namesSecret } from "../flink/sensitive";
import type { Problem } from "../problems";
import { withoutCredentials } from "./secrecy";

/** `--name=value`, `-Dname=value` or `name=value`. */
const assignment = /^-{0,2}D?([A-Za-z_][\w.-]*)=(.*)$/s;

/** Reports program arguments that are plain-text passwords, by their names or as the user part of a URL. */
export function secretArguments(given: unknown): Problem[] {
  if (!Array.isArray(given)) return [];
  return given.flatMap((argument: unknown, index): Problem[] => {
    const before: unknown = given[index - 1];
    if (!isSecretArgument(argument, before)) return [];
    const reason =
      "this looks like a password, and everybody who can read ConfigMaps in the namespace can see it";
    const fix =
      "pass it as a secret Output, which the component keeps in a Secret; or let the program read an environment variable (jobManager.env with valueFrom.secretKeyRef)";
    return [{ path: `arguments[${index}]`, value: argument, reason, fix }];
  });
}

/** Whether an argument is or contains a secret, by its own name or that of the previous argument. */
export function isSecretArgument(argument: unknown, before: unknown): boolean {
  if (typeof argument !== "string") return false;
  if (withoutCredentials(argument) !== argument && /\/\/[^/?#]*:[^/?#]*@/.test(argument)) return true;
  const [, name, value] = assignment.exec(argument) ?? [];
  if (name !== undefined) return namesSecret(name) && isSecretValue(value!);
  const option = typeof before === "string" ? /^--?([A-Za-z_][\w.-]*)$/.exec(before)?.[1] : undefined;
  return option !== undefined && namesSecret(option) && !argument.startsWith("-") && isSecretValue(argument);
}

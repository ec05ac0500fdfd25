import { isMasked } from "../flink/sensitive";
import type { Problem } from "../problems";
import { withoutCredentials } from "./secrecy";

/** `--name=value`, `-Dname=value` or `name=value`. */
const assignment = /^-{0,2}D?([A-Za-z_][\w.-]*)=(.*)$/s;
/** What tells of a secret without being one: where it is, what it is called, whether there is one. */
const about =
  /[-_.]?(file|path|dir|directory|location|name|id|url|uri|endpoint|type|class|enabled|provider|expiry|ttl)$/i;

/** Arguments of a program that are a password in clear, by their names and as users of a URL. */
export function secretArguments(given: unknown): Problem[] {
  if (!Array.isArray(given)) return [];
  return given.flatMap((argument: unknown, index): Problem[] => {
    const before: unknown = given[index - 1];
    if (!isSecret(argument, before)) return [];
    const reason =
      "this looks like a password, and everybody who may read ConfigMaps in the namespace sees it";
    const fix =
      "pass it as a secret Output, which is kept in a Secret, or let the program read it from a variable (jobManager.env with valueFrom.secretKeyRef)";
    return [{ path: `arguments[${index}]`, value: argument, reason, fix }];
  });
}

function isSecret(argument: unknown, before: unknown): boolean {
  if (typeof argument !== "string") return false;
  if (withoutCredentials(argument) !== argument && /\/\/[^/?#]*:[^/?#]*@/.test(argument)) return true;
  const [, name, value] = assignment.exec(argument) ?? [];
  if (name !== undefined) return namesSecret(name) && isValue(value!);
  const option = typeof before === "string" ? /^--?([A-Za-z_][\w.-]*)$/.exec(before)?.[1] : undefined;
  return option !== undefined && namesSecret(option) && !argument.startsWith("-") && isValue(argument);
}

/** In any spelling: `db.password`, `DB_PASSWORD`, `dbPassword`, `apiKey`. */
function namesSecret(name: string): boolean {
  return isMasked(name.replaceAll("_", "-")) && !about.test(name);
}

/** Neither a switch nor a place where the value is. */
function isValue(text: string): boolean {
  return text !== "" && !/^(true|false)$/i.test(text) && !/^[/$]|^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

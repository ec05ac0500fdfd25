import { isSecretArgument } from "../components/args/check-arguments";
import { isSecretValue, namesSecret } from "../components/flink/sensitive";
import { type Change, isObject, type Json, type JsonObject, same } from "./normal";

/** Replaces a password, and shows whether it equals the one on the other side of the change. */
type Mark = (secret: string) => string;

/**
 * The change without plain-text passwords in variables, arguments, options and scripts, recognised by their
 * names. More people read a pull request than may read the cluster. A changed password still shows as a
 * difference.
 */
export function withoutSecrets(change: Change): Change {
  const { before, after } = change;
  if (same(before, after)) return change;
  const [old, now] = [secretsOf(before), secretsOf(after)];
  if (old.size + now.size === 0) return change;
  const mark: Mark = (secret) => {
    if (!before || !after || (old.has(secret) && now.has(secret))) return "(hidden)";
    return old.has(secret) ? "(hidden, old)" : "(hidden, new)";
  };
  return { ...change, before: inputsWith(before, mark), after: inputsWith(after, mark) };
}

function secretsOf(inputs: JsonObject | undefined): Set<string> {
  const found = new Set<string>();
  inputsWith(inputs, (secret) => {
    found.add(secret);
    return "(hidden)";
  });
  return found;
}

function inputsWith(inputs: JsonObject | undefined, mark: Mark): JsonObject | undefined {
  return inputs && (valueWith(inputs, mark) as JsonObject);
}

function valueWith(value: Json, mark: Mark): Json {
  if (typeof value === "string") return textWith(value, mark);
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      typeof item === "string" && isSecretArgument(item, value[index - 1])
        ? argumentWith(item, mark)
        : valueWith(item, mark),
    );
  }
  if (!isObject(value)) return value;
  const { name } = value;
  const isVariable = typeof name === "string" && namesSecret(name);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const isNamed = namesSecret(key) || (isVariable && key === "value");
      return [
        key,
        isNamed && typeof item === "string" && isSecretValue(item) ? mark(item) : valueWith(item, mark),
      ];
    }),
  );
}

/** Hides the whole argument, or the value after its name; in a URL only the user info. */
function argumentWith(argument: string, mark: Mark): string {
  const found = textWith(argument, mark);
  return found === argument ? mark(argument) : found;
}

/**
 * Patterns of a name with its value, or its quoted value, in a text; and the user info of a URL, which has no
 * name.
 */
const patterns: { pattern: RegExp; named: boolean }[] = [
  // A line of YAML, of properties, or of environment variables.
  {
    pattern: /^(?<head>\s*(?:export\s+)?(?<name>[A-Za-z_][\w.-]*)\s*[:=]\s*)(?<value>\S.*?)(?<tail>\s*)$/gm,
    named: true,
  },
  // Java properties and options on a command line.
  {
    pattern: /(?<head>(?:^|\s)-{1,2}D?(?<name>[A-Za-z_][\w.-]*)(?:=|\s+))(?<value>[^\s-]\S*)(?<tail>)/g,
    named: true,
  },
  // Table options in SQL, and the options of Java logins.
  { pattern: /(?<head>'(?<name>[\w.-]+)'\s*=\s*')(?<value>(?:[^']|'')*)(?<tail>')/g, named: true },
  { pattern: /(?<head>\b(?<name>[A-Za-z_][\w.-]*)\s*=\s*")(?<value>[^"]*)(?<tail>")/g, named: true },
  { pattern: /(?<head>[a-z][a-z0-9+.-]*:\/\/)(?<value>[^\s/?#@]*:[^\s/?#@]*)(?<tail>@)/gi, named: false },
];

function textWith(text: string, mark: Mark): string {
  const json = jsonOf(text);
  if (json !== undefined) {
    const found = valueWith(json, mark);
    return same(found, json) ? text : JSON.stringify(found, null, text.includes("\n") ? 2 : undefined);
  }
  return patterns.reduce(
    (all, { pattern, named }) =>
      all.replace(pattern, (whole: string, ...rest) => {
        const { head, name, value, tail } = rest.at(-1) as Record<"head" | "name" | "value" | "tail", string>;
        const bare = value.replace(/^(["'])(.*)\1$/, "$2");
        if (bare.startsWith("(hidden")) return whole;
        if (named && !(namesSecret(name) && isSecretValue(bare))) return whole;
        return head + mark(bare) + tail;
      }),
    text,
  );
}

/** The content of a JSON text, such as the request that starts a job. */
function jsonOf(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

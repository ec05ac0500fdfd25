import type { FlinkRelease } from "./versions";
import { quoteScalar } from "./yaml-scalar";

/**
 * config.yaml: one `key: value` a line, sorted by key, in the strict YAML 1.2 that every supported version of Flink reads.
 * Every value stays the text it is: what would turn into something else when read as YAML is quoted.
 */
export function renderConfig(entries: Readonly<Record<string, string>>): string {
  const keys = Object.keys(entries).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return keys.map((key) => `${quoteScalar(key)}: ${quoteScalar(entries[key])}\n`).join("");
}

export interface ConfigFinding {
  key: string;
  value: string;
  /** An error makes Flink fail or ignore the value; a warning is most likely a mistake. */
  severity: "error" | "warning";
  reason: string;
  fix: string;
}

/**
 * Everything that is wrong with a free configuration map.
 *
 * @param owned options that an argument of the component sets: key -> what to use instead, such as "taskManager.slots".
 */
export function checkConfig(
  entries: Readonly<Record<string, string>>,
  _release: FlinkRelease,
  owned: Readonly<Record<string, string>> = {},
): ConfigFinding[] {
  const findings: ConfigFinding[] = [];
  const keys = Object.keys(entries);
  for (const key of keys) {
    const report = (severity: "error" | "warning", reason: string, fix: string) =>
      findings.push({ key, value: entries[key], severity, reason, fix });
    if (Object.hasOwn(owned, key)) {
      report("error", `an argument sets this option`, `use ${owned[key]} and leave '${key}' out`);
    }
    const longer = keys.find((other) => other.startsWith(`${key}.`));
    if (longer) {
      report(
        "error",
        `the option '${longer}' starts with this key: config.yaml is a tree, and Flink cannot read a tree in which '${key}' has both a value and children`,
        `write '${key}.type' if that is what was meant, or leave one of the two out`,
      );
    }
  }
  return findings;
}

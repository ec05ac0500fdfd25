import { type Catalogue, isOpenEnded, loadCatalogue, nearestOption } from "./catalogue";
import { parseBytes } from "./memory-size";
import { checkRule } from "./rules";
import { checkValue, withoutUnit } from "./values";
import { withoutEffect } from "./without-effect";
import { type FlinkRelease, supportedMinors } from "./versions";
import { quoteScalar } from "./yaml-scalar";

/** Options of a reporter: Flink 1.20 passes only text to it and loses numbers and booleans. */
const REPORTER = /^(metrics|traces|events)\.reporter\./;

/**
 * config.yaml: one `key: value` per line, sorted by key, in the strict YAML 1.2 that every supported Flink
 * version reads. Every value stays text: values that YAML would read as another type are quoted.
 */
export function renderConfig(entries: Readonly<Record<string, string>>): string {
  const keys = Object.keys(entries).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return keys
    .map((key) => `${quoteScalar(key)}: ${quoteScalar(entries[key], REPORTER.test(key))}\n`)
    .join("");
}

export interface ConfigFinding {
  key: string;
  value: string;
  /** Error: Flink does not start, or not as intended. Warning: probably a mistake. */
  severity: "error" | "warning";
  reason: string;
  fix: string;
}

type Verdict = Omit<ConfigFinding, "key" | "value">;

/**
 * Checks a free configuration map. Findings are in the order of its keys.
 *
 * @param owned options that an argument of the component sets: key -> what to use instead, such as
 * "taskManager.slots".
 */
export function checkConfig(
  entries: Readonly<Record<string, string>>,
  release: FlinkRelease,
  owned: Readonly<Record<string, string>> = {},
): ConfigFinding[] {
  const catalogue = loadCatalogue(release.minor);
  const keys = Object.keys(entries);
  const checks: ((key: string, value: string) => Verdict | undefined)[] = [
    (key) => checkOwner(key, owned),
    (key) => checkClash(key, keys, catalogue),
    (key) => checkName(key, release, catalogue),
    (key, value) => checkType(key, value, release, catalogue),
    (key, value) => checkUnit(key, value, catalogue),
    (key, value) => checkRule(canonical(key, catalogue), value, release),
    (key, value) => checkBounds(key, value, entries),
    (key, value) => checkBatchShuffle(key, value, entries),
  ];
  return keys.flatMap((key) =>
    checks.flatMap((check) => {
      const verdict = check(key, entries[key]);
      return verdict ? [{ key, value: entries[key], ...verdict }] : [];
    }),
  );
}

function checkOwner(key: string, owned: Readonly<Record<string, string>>): Verdict | undefined {
  if (!Object.hasOwn(owned, key)) {
    return undefined;
  }
  return {
    severity: "error",
    reason: "an argument sets this option",
    fix: `use ${owned[key]} and leave '${key}' out`,
  };
}

function checkClash(key: string, keys: string[], catalogue: Catalogue): Verdict | undefined {
  const longer = keys.find((other) => other.startsWith(`${key}.`));
  if (!longer) {
    return undefined;
  }
  const meant = catalogue.deprecated.get(key);
  return {
    severity: "error",
    reason: `'${longer}' starts with this key: Flink's tools read config.yaml as a tree, where '${key}' cannot have both a value and children`,
    fix: meant ? `write '${meant}' instead of '${key}'` : `leave out one of the two`,
  };
}

function checkName(key: string, release: FlinkRelease, catalogue: Catalogue): Verdict | undefined {
  const known = knows(catalogue, key) || isOpenEnded(key, catalogue);
  const idle = known ? withoutEffect(key) : undefined;
  if (idle) return { severity: "warning", ...idle };
  const replacement = catalogue.deprecated.get(key);
  if (replacement !== undefined) {
    return replacement
      ? {
          severity: "warning",
          reason: `Flink ${release.minor} has a new name for this option`,
          fix: `write '${replacement}'`,
        }
      : {
          severity: "warning",
          reason: `Flink ${release.minor} ignores this option or will drop it`,
          fix: "leave it out",
        };
  }
  const operator = /^(kubernetes\.operator|job\.autoscaler)\./.exec(key);
  if (operator) {
    const fix =
      operator[1] === "job.autoscaler" ? "leave it out and use the argument autoscaling" : "leave it out";
    return {
      severity: "warning",
      reason: "only the Flink Kubernetes Operator reads this, and this cluster has no operator",
      fix,
    };
  }
  const reporter = /^((metrics|traces|events)\.reporter\.[^.]+)\.class$/.exec(key);
  if (reporter) {
    const fix = `write '${reporter[1]}.factory.class' with the name of the reporter's factory`;
    return { severity: "warning", reason: "Flink creates reporters only through their factories", fix };
  }
  if (catalogue.types.has(key) || isOpenEnded(key, catalogue)) {
    return undefined;
  }
  const others = supportedMinors.filter(
    (minor) => minor !== release.minor && knows(loadCatalogue(minor), key),
  );
  const reason = others.length
    ? `Flink ${release.minor} does not know this option; Flink ${others.join(", ")} does`
    : `Flink ${release.minor} does not know this option and would ignore it`;
  const nearest = nearestOption(key, catalogue);
  const fix = nearest ? `did you mean '${nearest}'?` : "leave it out, unless a plugin or your job reads it";
  return { severity: "warning", reason, fix };
}

const knows = (catalogue: Catalogue, key: string) =>
  catalogue.types.has(key) || catalogue.deprecated.has(key);

function checkType(
  key: string,
  value: string,
  release: FlinkRelease,
  catalogue: Catalogue,
): Verdict | undefined {
  const type = typeOf(key, catalogue);
  const unreadable = type && checkValue(type, value, release.isoDurations);
  return unreadable
    ? { severity: "error", reason: `Flink expects ${unreadable.expected}`, fix: unreadable.fix }
    : undefined;
}

function checkUnit(key: string, value: string, catalogue: Catalogue): Verdict | undefined {
  const missing = typeOf(key, catalogue) === "Duration" ? withoutUnit(value) : undefined;
  return missing && { severity: "error", ...missing };
}

/** Users name the reporters, so the catalogue does not contain their options. */
const REPORTER_INTERVAL = /^(metrics|traces|events)\.reporter\.[^.]+\.interval$/;

function typeOf(key: string, catalogue: Catalogue): string | undefined {
  if (REPORTER_INTERVAL.test(key)) return "Duration";
  return catalogue.types.get(key) ?? catalogue.types.get(canonical(key, catalogue));
}

/** Flink's bounds if only one of the two is given, as in its memory model. */
const STANDARD_BOUNDS: Record<string, string> = {
  "taskmanager.memory.network.min": "64m",
  "taskmanager.memory.jvm-overhead.min": "192m",
  "taskmanager.memory.jvm-overhead.max": "1g",
  "jobmanager.memory.jvm-overhead.min": "192m",
  "jobmanager.memory.jvm-overhead.max": "1g",
};

/** A minimum above the maximum. Reported for the maximum if it is given, else for the minimum. */
function checkBounds(
  key: string,
  value: string,
  entries: Readonly<Record<string, string>>,
): Verdict | undefined {
  const [, part, bound] =
    /^((?:job|task)manager\.memory\.(?:network|jvm-overhead))\.(min|max)$/.exec(key) ?? [];
  const other = `${part}.${bound === "max" ? "min" : "max"}`;
  if (part === undefined || (bound === "min" && entries[other] !== undefined)) return undefined;
  const standard = entries[other] ?? STANDARD_BOUNDS[other] ?? "";
  const [mine, theirs] = [parseBytes(value), parseBytes(standard)];
  if (mine === undefined || theirs === undefined || (bound === "max" ? theirs <= mine : mine <= theirs)) {
    return undefined;
  }
  const [sign, word] = bound === "max" ? ["less", "more"] : ["more", "less"];
  return {
    severity: "error",
    reason: `this is ${sign} than ${other}, which is ${standard}`,
    fix: `write ${standard} or ${word}, or set ${other} too`,
  };
}

/** Batch jobs read their shuffles with a part of this memory, which other components need too. */
function checkBatchShuffle(
  key: string,
  value: string,
  entries: Readonly<Record<string, string>>,
): Verdict | undefined {
  if (key !== "taskmanager.memory.framework.off-heap.batch-shuffle.size") return undefined;
  const around = "taskmanager.memory.framework.off-heap.size";
  const [mine, whole] = [parseBytes(value), parseBytes(entries[around] ?? "128m")];
  if (mine === undefined || whole === undefined || mine < whole) return undefined;
  return {
    severity: "error",
    reason: `this must be a smaller part of ${around}, which is ${entries[around] ?? "128m"}: batch jobs would run out of direct memory`,
    fix: `write less, or set ${around} to more`,
  };
}

/** Checks the name of an option whose value is not known here. */
export function checkOptionName(key: string, release: FlinkRelease): ConfigFinding | undefined {
  const verdict = checkName(key, release, loadCatalogue(release.minor));
  return verdict && { key, value: "", ...verdict };
}

/** The form that Flink expects for an option, if this value does not have it. */
export function expectedForm(key: string, value: string, release: FlinkRelease): string | undefined {
  const catalogue = loadCatalogue(release.minor);
  const type = typeOf(key, catalogue);
  const expected = type && checkValue(type, value, release.isoDurations)?.expected;
  return expected ?? (type === "Duration" && withoutUnit(value) ? "a duration with a unit" : undefined);
}

/** The newest name of an option in a Flink version. */
export function canonicalOption(key: string, release: FlinkRelease): string {
  return canonical(key, loadCatalogue(release.minor));
}

/** The newest name of an option. */
const canonical = (key: string, catalogue: Catalogue) => catalogue.deprecated.get(key) || key;

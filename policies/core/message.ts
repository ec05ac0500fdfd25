import type { Value } from "./value";

/** One thing that is wrong, at one place. */
export interface Violation {
  /** URN of the resource that it is about. */
  urn: string;
  /** `spec.template.spec.containers[0].image`. */
  path: string;
  /** What is there, as text; undefined when it is not to be shown. */
  actual: string | undefined;
  /** What may be there: completes "expected …". */
  expected: string;
  /** What to do, as an order: "Leave it out." */
  fix: string;
}

/** What a rule says of a place. */
export interface Saying {
  /** What may be there: completes "expected …". */
  expected: string;
  /** What to do, as an order. */
  fix: string;
  /**
   * What is there, in words, where the value itself does not say it. `false` shows nothing: values that may be secret (of environment
   * variables, ConfigMaps, Secrets) never get into a message, since policies receive secrets in plain text.
   */
  actual?: string | false;
}

export function violationAt(value: Value, saying: Saying): Violation {
  const actual = saying.actual === false ? undefined : (saying.actual ?? show(value));
  const { expected, fix } = saying;
  return { urn: value.reader.urn, path: value.path, actual, expected, fix };
}

/** `spec.hostNetwork is true: expected false. Leave it out. (docs/kubernetes/pss-host-namespaces.md)` */
export function describeViolation(violation: Violation, link: string, where = ""): string {
  const { path, actual, expected, fix } = violation;
  const place = [where, path].filter((part) => part !== "").join(" ");
  return `${place}${actual === undefined ? "" : ` is ${actual}`}: expected ${expected}. ${fix} (${link})`;
}

function show(value: Value): string {
  if (value.isUnknown) return "not known before the update";
  if (value.isAbsent) return "not set";
  const text = JSON.stringify(value.plain()) ?? "";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

import type { Value } from "./value";

/** One problem at one place. */
export interface Violation {
  /** URN of the resource. */
  urn: string;
  /** `spec.template.spec.containers[0].image`. */
  path: string;
  /** The present value as text; undefined if it must not be shown. */
  actual: string | undefined;
  /** The allowed values: completes "expected …". */
  expected: string;
  /** The instruction: "Leave it out." */
  fix: string;
}

/** A rule's message about a place. */
export interface Saying {
  /** The allowed values: completes "expected …". */
  expected: string;
  /** The instruction. */
  fix: string;
  /**
   * The present value in words, if the value itself is not clear enough. `false` hides it. Messages never
   * contain values that may be secret, in environment variables, ConfigMaps and Secrets: policies receive
   * secrets in plain text.
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

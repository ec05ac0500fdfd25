import type { Problem } from "../problems";
import { milliseconds } from "../flink/durations";
import { nearest } from "../flink/nearest";
import { operatorName } from "./operator-names";

/**
 * Kinds of argument values. Arguments from JavaScript, YAML and stack configuration arrive unchecked, so
 * their shape is checked at run time, from one description per interface.
 */
export type Field =
  | "text" // a string; numbers and booleans from YAML are taken as text
  | "number"
  | "boolean"
  | "textList"
  | "textMap" // as in textList: numbers only if none of their digits can have been lost
  | "amountMap" // quantities, where 1.10 and 1.1 are equal
  | "numberList"
  | "inputMap" // a map whose values may also be Outputs or Promises
  | "any" // a value that its owner checks; may be an Output
  | "kubernetes" // a value of a Kubernetes type, checked by its owner
  | { hidden: Field } // secret, or a place where people put secrets by mistake: never shown
  | { object: Shape }
  | { list: Shape }
  | { map: Shape };

/** One field for each property of T: a new argument without a shape does not compile. */
export type ShapeOf<T> = { readonly [K in keyof Required<T>]: Field };
export type Shape = Readonly<Record<string, Field>>;

export interface Shaped {
  problems: Problem[];
  /** A copy with only the known and well-typed values. */
  value: Record<string, unknown>;
}

/** Checks an object against its shape. `path` is the prefix for messages, empty for top-level arguments. */
export function checkShape(path: string, given: unknown, shape: Shape): Shaped {
  const problems: Problem[] = [];
  const value: Record<string, unknown> = {};
  if (!isPlainObject(given)) {
    const names = Object.keys(shape).join(", ");
    wrongType(path, given, "an object", `write an object with any of: ${names}`, problems);
    return { problems, value };
  }
  for (const [key, inner] of Object.entries(given)) {
    if (inner === undefined || inner === null) continue;
    const at = joinPath(path, key);
    const field = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (field === undefined) {
      problems.push(unknownKey(path, key, inner, Object.keys(shape)));
      continue;
    }
    const checked = checkField(at, inner, field, problems);
    if (checked !== undefined) value[key] = checked;
  }
  return { problems, value };
}

function checkField(path: string, given: unknown, field: Field, problems: Problem[]): unknown {
  if (field === "any" || field === "kubernetes") return given;
  if (typeof field === "object") {
    if ("hidden" in field) return checkField(path, given, field.hidden, problems);
    if ("object" in field) {
      const inner = checkShape(path, given, field.object);
      problems.push(...inner.problems);
      return isPlainObject(given) ? inner.value : undefined;
    }
    const shape = "list" in field ? field.list : field.map;
    const item = (at: string, value: unknown) => {
      const inner = checkShape(at, value, shape);
      problems.push(...inner.problems);
      return isPlainObject(value) ? inner.value : undefined;
    };
    return "list" in field ? checkList(path, given, problems, item) : checkMap(path, given, problems, item);
  }
  switch (field) {
    case "text":
      return asText(given) ?? wrongType(path, given, "a string", "write it in quotes", problems);
    case "number":
      if (typeof given === "number" && Number.isFinite(given)) return given;
      return wrongType(path, given, "a number", plainNumber(given), problems);
    case "boolean":
      if (typeof given === "boolean") return given;
      return wrongType(path, given, "true or false", plainSwitch(given), problems);
    case "textList":
      return checkList(path, given, problems, (at, item) => checkExactText(at, item, problems));
    case "numberList":
      return checkList(path, given, problems, (at, item) => checkField(at, item, "number", problems));
    case "textMap":
      return checkMap(path, given, problems, (at, item) => checkExactText(at, item, problems));
    case "amountMap":
    case "inputMap":
      return checkMap(path, given, problems, (at, value, key) => {
        if (field === "inputMap" && isLater(value)) return value;
        return isPlainObject(value)
          ? nested(path, key, value, problems)
          : checkField(at, value, "text", problems);
      });
  }
}

/** Reports a tree in place of a flat map. Flink's own files may contain such trees. */
function nested(path: string, key: string, given: Record<string, unknown>, problems: Problem[]): undefined {
  const flat = leaves(given, key);
  const keys = flat.map(([name, value]) => (isHarmless(value) ? `${name}: "${String(value)}"` : name));
  problems.push({
    path: joinPath(path, key),
    value: given,
    reason: "this must be a string, not an object: a name with dots is one key",
    fix:
      keys.length === 0
        ? "write a string"
        : `write ${keys.join(", ")} as ${keys.length === 1 ? "one key" : `${keys.length} keys`}`,
    ...(flat.length === 1 ? { meant: joinPath(path, flat[0]![0]) } : {}),
  });
  return undefined;
}

function leaves(given: Record<string, unknown>, prefix: string): [string, unknown][] {
  return Object.entries(given).flatMap(([key, value]): [string, unknown][] =>
    isPlainObject(value) ? leaves(value, `${prefix}.${key}`) : [[`${prefix}.${key}`, value]],
  );
}

/** Values that are harmless in any message: a number, a switch, a time or a size. */
function isHarmless(value: unknown): boolean {
  if (typeof value === "number" || typeof value === "boolean") return true;
  return typeof value === "string" && /^(true|false|\d{1,9} ?[a-z]{0,7})$/i.test(value);
}

/**
 * The number that a text most likely means, in the right notation. Times are in seconds wherever a number is
 * expected.
 */
export function plainNumber(given: unknown): string {
  const text = typeof given === "string" ? given.trim() : "";
  if (/^-?\d{1,15}(\.\d+)?$/.test(text)) return `write ${Number(text)} without quotes`;
  const time = /^\d+\s*[a-z]+$/i.test(text) ? milliseconds(text) : undefined;
  return time !== undefined && time >= 1000
    ? `write ${Math.round(time / 1000)}, a number of seconds`
    : "write a number without quotes";
}

export function plainSwitch(given: unknown): string {
  const text = String(given).trim();
  const word = /^(true|yes|on|y|1)$/i.test(text)
    ? "true"
    : /^(false|no|off|n|0)$/i.test(text)
      ? "false"
      : undefined;
  return word === undefined ? "write true or false without quotes" : `write ${word} without quotes`;
}

function checkList(
  path: string,
  given: unknown,
  problems: Problem[],
  item: (path: string, value: unknown) => unknown,
): unknown[] | undefined {
  if (!Array.isArray(given))
    return wrongType(path, given, "a list", "write a list, also for one entry", problems);
  const taken = given
    .map((value, index) => item(`${path}[${index}]`, value))
    .filter((value) => value !== undefined);
  // If all entries are refused, nobody needs to report that the list is empty.
  return taken.length === 0 && given.length > 0 ? undefined : taken;
}

function checkMap(
  path: string,
  given: unknown,
  problems: Problem[],
  item: (path: string, value: unknown, key: string) => unknown,
): Record<string, unknown> | undefined {
  if (!isPlainObject(given)) {
    return wrongType(path, given, "a map from names to values", "write an object", problems);
  }
  const value: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(given)) {
    if (inner === undefined || inner === null) continue;
    const checked = item(joinPath(path, key), inner, key);
    if (checked !== undefined) value[key] = checked;
  }
  return value;
}

/** Whether the value is only known later: an Output or a Promise. */
export function isLater(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof Promise || (value as { __pulumiOutput?: unknown }).__pulumiOutput === true;
}

/** Whether any part of the value is only known later. */
export function holdsLater(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isLater(value) || Object.values(value).some(holdsLater);
}

/** `a.b`, or `a["b.c"]` if the key is not a plain word. */
export function joinPath(path: string, key: string): string {
  if (/^[A-Za-z_$][\w$]*$/.test(key)) return path === "" ? key : `${path}.${key}`;
  return `${path}[${JSON.stringify(key)}]`;
}

/** @param path of the object that contains the key */
function unknownKey(path: string, key: string, value: unknown, known: readonly string[]): Problem {
  const theirs = operatorName(key, known);
  const meant = theirs ? theirs.meant : nearest(key, known);
  return {
    path: joinPath(path, key),
    reason: `there is no argument "${key}" here`,
    fix: theirs?.fix ?? (meant ? `write "${meant}"` : `use one of: ${known.join(", ")}`),
    ...(meant && typeof value !== "object" ? { meant: joinPath(path, meant) } : {}),
  };
}

function wrongType(
  path: string,
  given: unknown,
  wanted: string,
  fix: string,
  problems: Problem[],
): undefined {
  const value = isLater(given) ? undefined : given;
  const reason = isLater(given)
    ? `this must be ${wanted} that is known while the program runs, not an Output`
    : `this must be ${wanted}, not ${describe(given)}`;
  problems.push({ path, value, reason, fix: isLater(given) ? "pass the plain value" : fix });
  return undefined;
}

/**
 * The text of an entry that may be a name or a version. YAML may have changed the digits of a number with a
 * decimal point.
 */
function checkExactText(path: string, given: unknown, problems: Problem[]): unknown {
  if (!isInexact(given)) return checkField(path, given, "text", problems);
  const reason =
    "this must be a string: a number like 1.10 or 1_000 loses its digits and keeps only its value";
  problems.push({ path, value: given, reason, fix: "write it in quotes, with the digits that you mean" });
  return undefined;
}

/** Whether a number may have been written with other digits. */
export function isInexact(given: unknown): boolean {
  return typeof given === "number" && !Number.isSafeInteger(given);
}

export function asText(given: unknown): string | undefined {
  if (typeof given === "string") return given;
  return typeof given === "number" || typeof given === "boolean" ? String(given) : undefined;
}

function describe(given: unknown): string {
  if (given === undefined || given === null) return "nothing";
  if (Array.isArray(given)) return "a list";
  if (typeof given === "object") return "an object";
  return typeof given === "string" ? "a string" : `a ${typeof given}`;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isLater(value);
}

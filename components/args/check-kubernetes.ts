import { nearest } from "../flink/nearest";
import {
  type FieldType,
  fieldType,
  type ListType,
  objectType,
  type ScalarType,
} from "../kubernetes/pod-schema";
import { notShown, type Problem } from "../problems";
import { rules } from "./kubernetes-rules";
import { parseQuantity } from "./quantity";
import { asText, isInexact, isLater, isPlainObject, joinPath, plainNumber, plainSwitch } from "./shape";

/** State that one check shares from the outermost value to its leaves. */
interface Check {
  problems: Problem[];
  /** In a patch, fields may be missing, null removes a field, and `$patch` says how to merge. */
  patch: boolean;
}

/**
 * Checks a value against a Kubernetes type: `Volume` (a single one), `PodSpec.volumes` (that field, a list
 * with unique names), `[Volume]` (any list). Reports everything that the API server would refuse and that is
 * visible without it. Outputs and Promises are accepted everywhere.
 */
export function checkKubernetes(path: string, value: unknown, type: string, problems: Problem[]): void {
  checkValue(path, value, fieldType(type), { problems, patch: false });
}

/** The same for a strategic merge patch: only changed fields are required, and null removes a field. */
export function checkKubernetesPatch(path: string, value: unknown, type: string, problems: Problem[]): void {
  checkValue(path, value, fieldType(type), { problems, patch: true });
}

/**
 * Converts whole numbers and booleans to text where Kubernetes accepts only text, as YAML reads `value: 5`.
 * Other numbers stay and are reported, since their digits may have been different in the file.
 */
export function withTexts<T>(value: T, type: string): T {
  return readTexts(value, fieldType(type)) as T;
}

function readTexts(given: unknown, type: FieldType): unknown {
  if (given === undefined || given === null || isLater(given)) return given;
  if (type.kind === "list") {
    return Array.isArray(given) ? given.map((entry) => readTexts(entry, type.of)) : given;
  }
  if (type.kind === "map" || type.kind === "object") {
    if (!isPlainObject(given)) return given;
    const of = (field: string) => (type.kind === "map" ? type.of : objectType(type.type).fields.get(field));
    return Object.fromEntries(
      Object.entries(given).map(([field, value]) => {
        const inner = of(field);
        return [field, inner === undefined ? value : readTexts(value, inner)];
      }),
    );
  }
  return type.kind !== "string" || isInexact(given) ? given : (asText(given) ?? given);
}

function checkValue(path: string, given: unknown, type: FieldType, check: Check): void {
  if (given === undefined || given === null || type.kind === "any") return;
  if (isLater(given)) {
    if (check.patch) checkLater(path, type, check);
    return;
  }
  switch (type.kind) {
    case "object":
      return checkObject(path, given, type.type, check);
    case "map":
      return checkMap(path, given, type.of, check);
    case "list":
      return checkList(path, given, type, check);
    default:
      return checkScalar(path, given, type, check);
  }
}

function checkObject(path: string, given: unknown, name: string, check: Check): void {
  const { fields, required } = objectType(name);
  const known = [...fields.keys()];
  if (!isPlainObject(given)) {
    notContainer(path, given, "an object", `write an object with any of: ${known.join(", ")}`, check);
    return;
  }
  const deletes = check.patch && given.$patch === "delete";
  // Drops unknown fields, and renames misspelt ones so that they are not reported as missing too.
  const meant: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(given)) {
    const at = joinPath(path, field);
    const type = fields.get(field);
    if (type) {
      checkValue(at, value, type, check);
      meant[field] = value;
    } else if (field.startsWith("$")) checkDirective(at, field, value, check);
    else if (value !== undefined) {
      check.problems.push(unknownField(at, field, name));
      const right = nearest(field, known);
      if (right !== undefined) meant[right] ??= value;
    }
  }
  for (const field of required) {
    const value = meant[field];
    const missing = value === undefined || value === null || (value === "" && field !== "value");
    if (!missing || check.patch) continue;
    const reason = `Kubernetes refuses ${article(name)} without ${field}`;
    check.problems.push({ path: joinPath(path, field), reason, fix: `write ${field}` });
  }
  if (!deletes) rules[name]?.(meant, { path, ...check });
}

function unknownField(path: string, field: string, name: string): Problem {
  const { fields } = objectType(name);
  const reason = `${article(name)} in Kubernetes has no field "${field}"`;
  const meant = nearest(field, fields.keys());
  if (meant !== undefined) return { path, reason, fix: `write "${meant}"` };
  const owners = [...fields].filter(
    ([, type]) => type.kind === "object" && objectType(type.type).fields.has(field),
  );
  if (owners.length > 0 && owners.length <= 4) {
    const places = owners.map(([owner]) => `${owner}.${field}`).join(" or ");
    return { path, reason, fix: `write it one level deeper: ${places}` };
  }
  return { path, reason, fix: `use one of: ${[...fields.keys()].join(", ")}` };
}

function checkDirective(path: string, field: string, value: unknown, check: Check): void {
  if (!check.patch) {
    const reason = `"${field}" is a directive for merging a patch, and this is not a patch`;
    check.problems.push({ path, value: plain(value), reason, fix: "leave it out" });
  } else if (field !== "$patch") {
    const reason = `"$patch" is the only directive of a strategic merge patch that the component supports`;
    check.problems.push({ path, reason, fix: "write null for each field to remove" });
  } else if (value !== "delete" && value !== "replace") {
    const reason = `"$patch" must be "delete" or "replace"`;
    check.problems.push({
      path,
      value: plain(value),
      reason,
      fix: 'write one of the two, or leave "$patch" out to merge',
    });
  }
}

function checkMap(path: string, given: unknown, of: FieldType, check: Check): void {
  if (!isPlainObject(given)) {
    notContainer(path, given, "a map from names to values", "write an object", check);
    return;
  }
  for (const [key, value] of Object.entries(given)) {
    const at = joinPath(path, key);
    if (check.patch && key.startsWith("$")) checkDirective(at, key, value, check);
    else checkValue(at, value, of, check);
  }
}

function checkList(path: string, given: unknown, type: ListType, check: Check): void {
  if (!Array.isArray(given)) {
    notContainer(path, given, "a list", "write a list, also for one entry", check);
    return;
  }
  given.forEach((entry: unknown, index) => {
    const at = `${path}[${index}]`;
    if (entry === undefined || entry === null) {
      check.problems.push({ path: at, reason: "this entry of the list is empty", fix: "leave it out" });
      return;
    }
    checkValue(at, entry, type.of, check);
    if (check.patch && type.mergeKey !== undefined) checkMergeKey(at, entry, type.mergeKey, check);
  });
  checkDuplicates(path, given, type, check);
}

/** The merge key of a patch's entry must be known while the program runs. */
function checkMergeKey(path: string, entry: unknown, key: string, check: Check): void {
  if (!isPlainObject(entry) || (entry.$patch === "replace" && entry[key] === undefined)) return;
  const value = entry[key];
  if (value !== undefined && value !== null && value !== "" && !isLater(value)) return;
  check.problems.push({
    path: joinPath(path, key),
    reason: `a patch finds the entry to change by its ${key}${isLater(value) ? ", which is not known while the program runs" : ""}`,
    fix: isLater(value)
      ? "pass the plain value"
      : `write the ${key} of the entry to change, or of a new entry`,
  });
}

function checkDuplicates(path: string, given: unknown[], { keys, set }: ListType, check: Check): void {
  if (keys.length === 0 && !set) return;
  const seen = new Map<string, number>();
  given.forEach((entry, index) => {
    const values = set ? [entry] : keys.map((key) => keyOf(entry, key));
    if (values.some((value) => typeof value !== "string" && typeof value !== "number")) return;
    const whole = JSON.stringify(values);
    const first = seen.get(whole);
    if (first === undefined) {
      seen.set(whole, index);
      return;
    }
    check.problems.push({
      path: set ? `${path}[${index}]` : joinPath(`${path}[${index}]`, keys[0]!),
      value: values[0],
      reason: `${path}[${first}] has the same ${set ? "value" : keys.join(" and ")}, and Kubernetes allows each only once`,
      fix: set ? "leave one out" : `give it another ${keys[0]}, or merge the two entries`,
    });
  });
}

function keyOf(entry: unknown, key: string): unknown {
  if (!isPlainObject(entry)) return undefined;
  return entry[key] ?? (key === "protocol" ? "TCP" : undefined);
}

function checkScalar(path: string, given: unknown, type: ScalarType, check: Check): void {
  switch (type.kind) {
    case "string":
      if (typeof given !== "string") wrongType(path, given, "a string", "write it in quotes", check);
      else if (type.values) checkEnum(path, given, type.values, check);
      return;
    case "integer":
      if (!Number.isSafeInteger(given)) {
        const fix = typeof given === "string" ? plainNumber(given) : "write a whole number, without quotes";
        wrongType(path, given, "a whole number", fix, check);
      }
      return;
    case "number":
      if (typeof given !== "number" || !Number.isFinite(given)) {
        wrongType(path, given, "a number", plainNumber(given), check);
      }
      return;
    case "boolean":
      if (typeof given !== "boolean") {
        wrongType(path, given, "true or false", plainSwitch(given), check);
      }
      return;
    case "int-or-string":
      if (typeof given !== "string" && !Number.isSafeInteger(given)) {
        wrongType(path, given, "a whole number or a string", "write one of the two", check);
      }
      return;
    case "quantity":
      checkQuantity(path, given, check);
  }
}

function checkEnum(path: string, given: string, values: readonly string[], check: Check): void {
  // Kubernetes treats an empty string as a missing field.
  if (given === "" || values.includes(given)) return;
  const meant = nearest(given, values);
  const named = values.filter((value) => value !== "");
  check.problems.push({
    path,
    value: given,
    reason:
      named.length > 12
        ? "Kubernetes does not know this value"
        : `Kubernetes accepts one of: ${named.join(", ")}`,
    fix: meant ? `write "${meant}"` : "write one of these, spelt exactly",
  });
}

function checkQuantity(path: string, given: unknown, check: Check): void {
  const text = typeof given === "number" ? String(given) : given;
  if (typeof text !== "string") {
    wrongType(path, given, 'a quantity, such as "500m" or "2Gi"', "write it in quotes", check);
    return;
  }
  if (parseQuantity(text) !== undefined) return;
  const parts = /^\s*(\d+(?:\.\d+)?)\s*([kmgtpe])(?:i?b|i)?\s*$/i.exec(text);
  const fix = parts
    ? `write "${parts[1]}${parts[2]!.toUpperCase()}i" (powers of 1024)`
    : "write a number with one of the units m, k, M, G, T, Ki, Mi, Gi, Ti, or without a unit";
  check.problems.push({ path, value: text, reason: "this is not a Kubernetes quantity", fix });
}

/** An Output in a patch cannot be merged, so it is allowed only where the patch replaces a value. */
function checkLater(path: string, type: FieldType, check: Check): void {
  const merges = type.kind === "object" || type.kind === "map" || (type.kind === "list" && type.merge);
  if (!merges) return;
  check.problems.push({
    path,
    reason:
      "the component merges this part of a patch while the program runs, when an Output has no value yet",
    fix: "write the plain structure, with Outputs only as the values of its fields",
  });
}

/**
 * Reports a scalar where an object, map or list belongs. People put a secret there instead of a reference to
 * it.
 */
function notContainer(path: string, given: unknown, wanted: string, fix: string, check: Check): void {
  wrongType(path, given, wanted, fix, check, typeof given === "string" ? notShown : plain(given));
}

function wrongType(
  path: string,
  given: unknown,
  wanted: string,
  fix: string,
  check: Check,
  value = plain(given),
): void {
  check.problems.push({
    path,
    value,
    reason: `Kubernetes expects ${wanted} here, not ${describe(given)}`,
    fix,
  });
}

function describe(given: unknown): string {
  if (Array.isArray(given)) return "a list";
  if (typeof given === "number" && !Number.isInteger(given)) return "a fractional number";
  return typeof given === "object" ? "an object" : `a ${typeof given}`;
}

/** Value for a message. Objects are never shown, since they may contain secrets. */
function plain(given: unknown): unknown {
  return typeof given === "object" ? undefined : given;
}

function article(name: string): string {
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}

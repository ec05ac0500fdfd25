/** Whether Flink can read a value as its option's type, by Flink's own rules. */
import { parseJavaInteger, parseJavaNumber } from "./java";
import { parseBytes, suggestMemorySize } from "./memory-size";

export interface Unreadable {
  /** The form that Flink expects. */
  expected: string;
  /** What to write instead. */
  fix: string;
}

const DURATION_UNITS = new Set(
  (
    "d day days h hour hours min m minute minutes s sec secs second seconds ms milli millis millisecond milliseconds " +
    "µs micro micros microsecond microseconds ns nano nanos nanosecond nanoseconds"
  ).split(" "),
);

/**
 * `type` is from the catalogue: Boolean, Integer, Long, Double, Float, Duration, MemorySize, "Enum A|B", or
 * free text.
 */
export function checkValue(type: string, text: string, isoDurations: boolean): Unreadable | undefined {
  switch (type) {
    case "Boolean":
      return check(/^(true|false)$/i.test(text), "true or false", "write true or false");
    case "Integer":
      return check(parseJavaInteger(text) !== undefined, "a whole number of 32 bits", wholeNumber(text));
    case "Long":
      return check(parseJavaInteger(text, 64) !== undefined, "a whole number of 64 bits", wholeNumber(text));
    case "Double":
    case "Float":
      return check(
        parseJavaNumber(text) !== undefined,
        "a number",
        "write a number with a point, such as 0.5",
      );
    case "Duration":
      return check(
        isDuration(text, isoDurations),
        "a duration: a whole number and a unit",
        suggestDuration(text),
      );
    case "MemorySize":
      return check(
        parseBytes(text) !== undefined,
        "a memory size: a whole number and one of b, k, m, g, t",
        `write ${suggestMemorySize(text)}`,
      );
    default:
      return type.startsWith("Enum ") ? checkEnum(type.slice(5).split("|"), text) : undefined;
  }
}

function checkEnum(values: string[], text: string): Unreadable | undefined {
  const listed = values.join(", ");
  const known = values.some((value) => value.toUpperCase() === text.toUpperCase());
  return check(known, `one of ${listed}`, `write one of ${listed}`);
}

function check(readable: boolean, expected: string, fix: string): Unreadable | undefined {
  return readable ? undefined : { expected, fix };
}

const wholeNumber = (text: string) => {
  const number = parseJavaNumber(text);
  return number !== undefined && Number.isInteger(number) && Math.abs(number) < 2 ** 31
    ? `write ${number}`
    : "write a whole number, without a point, a unit or spaces";
};

/** `10 s`, `1min`, `500` (milliseconds), and, from Flink 2 on, ISO 8601 such as PT5M. */
export function isDuration(text: string, iso: boolean): boolean {
  const trimmed = text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, "");
  const match = /^([0-9]+)[\0-\x20]*(\D*)$/.exec(trimmed);
  if (match) {
    const unit = match[2].toLowerCase();
    // Flink 1 counts any unit in 64 bits; Flink 2 counts seconds in 64 bits.
    const limit = (iso && (unit === "" || unit.startsWith("mil") || unit === "ms") ? 1000n : 1n) << 63n;
    return BigInt(match[1]) < limit && (unit === "" || DURATION_UNITS.has(unit));
  }
  return iso && /^P(?=[\dT])(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+([.,]\d{0,9})?S)?)?$/i.test(trimmed);
}

/**
 * Reports a number without a unit: it means milliseconds, but hardly anybody who writes 60 means that. Zero
 * is the same in every unit.
 */
export function withoutUnit(text: string): { reason: string; fix: string } | undefined {
  const number = /^[\0-\x20]*0*([1-9]\d*)[\0-\x20]*$/.exec(text)?.[1];
  if (number === undefined) return undefined;
  const seconds = Number(number) < 1000 ? `'${number} s', or ` : "";
  return {
    reason: "this has no unit, so Flink reads it as milliseconds",
    fix: `write the unit too: ${seconds}'${number} ms' if milliseconds are meant`,
  };
}

function suggestDuration(text: string): string {
  const match = /^\s*([0-9]+)(?:[.,]([0-9]+))?\s*([a-z]*)\s*$/i.exec(text);
  const units = ["ms", "s", "min", "h", "d"];
  const initial = match?.[3].toLowerCase().charAt(0);
  const unit =
    match && /^(mil|ms)/i.test(match[3])
      ? "ms"
      : units.find((name) => name.charAt(0) === initial && name !== "ms");
  return match && !match[2] && unit
    ? `write '${match[1]} ${unit}'`
    : "write a whole number and a unit, such as '500 ms', '30 s', '5 min', '1 h' or '7 d'";
}

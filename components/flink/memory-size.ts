/**
 * Sizes in Flink's notation: `1728m`, `2 gb`, `134217728`. Bytes are BigInt, since Flink computes with 64-bit
 * integers.
 */

export const KIB = 1n << 10n;
export const MIB = 1n << 20n;
export const MAX_SIZE = (1n << 63n) - 1n;

const UNITS: Record<string, bigint> = {};
for (const [names, factor] of [
  ["|b|bytes", 1n],
  ["k|kb|kibibytes", KIB],
  ["m|mb|mebibytes", MIB],
  ["g|gb|gibibytes", 1n << 30n],
  ["t|tb|tebibytes", 1n << 40n],
] as const) {
  for (const name of names.split("|")) {
    UNITS[name] = factor;
  }
}

/** The number of bytes that Flink parses from `text`, or undefined if Flink refuses it. */
export function parseBytes(text: string): bigint | undefined {
  // Flink trims like Java: all characters up to and including the space character.
  const match = /^[\0-\x20]*([0-9]+)[\0-\x20]*([^0-9]*?)[\0-\x20]*$/.exec(text);
  const factor = match && UNITS[match[2].toLowerCase()];
  if (!factor) {
    return undefined;
  }
  const bytes = BigInt(match[1]) * factor;
  return bytes > MAX_SIZE ? undefined : bytes;
}

/**
 * The number of bytes that Flink parses from `text`: digits, then one of b, k, m, g, t (also kb, kibibytes
 * and so on, in any case). All units are powers of 1024. Undefined if Flink refuses it, such as Kubernetes'
 * `1Gi`, `1.5g` or a negative size.
 */
export function parseMemorySize(text: string): number | undefined {
  const bytes = parseBytes(text);
  return bytes === undefined ? undefined : Number(bytes);
}

/** The likely meaning of a malformed memory size, in Flink's notation. */
export function suggestMemorySize(text: string): string {
  const match = /^\s*([0-9]+)(\.[0-9]+)?\s*([kmgt])i?b?\s*$/i.exec(text);
  if (!match) {
    return "a whole number and a unit, such as 1728m or 4g";
  }
  const units = ["k", "m", "g", "t"];
  const unit = match[3].toLowerCase();
  if (!match[2]) {
    return match[1] + unit;
  }
  const smaller = units[units.indexOf(unit) - 1];
  const value = Math.round(Number(match[1] + match[2]) * 1024);
  return smaller ? `${value}${smaller}` : `${value}`;
}

/** Reports a number without a unit: it means bytes, but nobody who gives a process 4096 means bytes. */
export function withoutSizeUnit(text: string): { reason: string; fix: string } | undefined {
  const number = /^\s*0*([1-9]\d{0,5})\s*$/.exec(text)?.[1];
  if (number === undefined) return undefined;
  const size = Number(number) < 256 ? `${number}g` : `${number}m`;
  return { reason: "this has no unit, so Flink reads it as bytes", fix: `write the unit too: ${size}` };
}

/** Sizes as in Flink's messages: `1.5gb`, then the exact number of bytes. */
export function humanReadable(bytes: bigint): string {
  const names = ["bytes", "kb", "mb", "gb", "tb"];
  let power = 0;
  while (power < names.length - 1 && bytes > 1n << BigInt(10 * (power + 1))) {
    power++;
  }
  if (power === 0) {
    return `${bytes} bytes`;
  }
  const factor = 1n << BigInt(10 * power);
  const thousandths = (bytes * 1000n * 2n + factor) / (2n * factor);
  const fraction = String(thousandths % 1000n).padStart(3, "0");
  return `${thousandths / 1000n}.${fraction}${names[power]} (${bytes} bytes)`;
}

/**
 * `size` times `fraction`, truncated, with Flink's decimal arithmetic: exact for the shortest decimal form of
 * the fraction.
 */
export function multiply(size: bigint, fraction: number): bigint {
  const [mantissa, exponent = "0"] = String(fraction).split("e");
  const [whole, decimals = ""] = mantissa.split(".");
  const scale = decimals.length - Number(exponent);
  const digits = BigInt(whole + decimals);
  return scale >= 0 ? (size * digits) / 10n ** BigInt(scale) : size * digits * 10n ** BigInt(-scale);
}

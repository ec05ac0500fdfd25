/** Parses a number like Java's Double.parseDouble; undefined where that throws. */
export function parseJavaNumber(text: string): number | undefined {
  const match =
    /^[\0-\x20]*([+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NaN|Infinity))[fFdD]?[\0-\x20]*$/.exec(text);
  return match ? Number(match[1]) : undefined;
}

/**
 * Parses an integer like Java's Integer.parseInt, or Long.parseLong for 64 bits; undefined where that throws.
 */
export function parseJavaInteger(text: string, bits: 32 | 64 = 32): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) {
    return undefined;
  }
  const value = BigInt(text.replace("+", ""));
  const limit = 1n << BigInt(bits - 1);
  return value >= -limit && value < limit ? Number(value) : undefined;
}

/** A double as Java prints it: `1.0`, `0.5`, `1.0E7`. */
export function showJavaDouble(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [mantissa, exponent] = value.toExponential().split("e");
    return `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** `keys` in the iteration order of a java.util.HashMap, in which Flink's scripts pass properties. */
export function javaHashOrder(keys: string[]): string[] {
  let buckets = 16;
  while (keys.length > buckets * 0.75) {
    buckets *= 2;
  }
  const bucket = (key: string) => {
    let hash = 0;
    for (let i = 0; i < key.length; i++) {
      hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
    }
    return (hash ^ (hash >>> 16)) & (buckets - 1);
  };
  return keys
    .map((key, i) => ({ key, i, bucket: bucket(key) }))
    .sort((a, b) => a.bucket - b.bucket || a.i - b.i)
    .map(({ key }) => key);
}

/**
 * A configuration value as Flink's start scripts see it. Flink writes the value as a YAML scalar, which puts
 * some values in single quotes. The scripts keep these quotes, so the shell treats the content as plain text.
 */
export function asScriptsRead(value: string): string {
  const trimmed = value.replace(/^ +| +$/g, "");
  const quoted = /^[-?:](\s|$)|^[,[\]{}#&*!|>'"%@`]|: | #|:$/.test(trimmed);
  return quoted ? `'${trimmed.replaceAll("'", "''")}'` : trimmed;
}

/** The items of a Flink list, `a;b` or `[a, b]`. */
export function splitList(text: string): string[] {
  const flow = /^\s*\[(.*)\]\s*$/s.exec(text);
  const items = flow ? flow[1].split(",") : text.split(";");
  return items.map((item) => item.trim()).filter((item) => item !== "");
}

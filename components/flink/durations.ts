/** Milliseconds of a unit, by the shortest prefix that distinguishes the units. */
const units: [RegExp, number][] = [
  [/^d/, 86_400_000],
  [/^h/, 3_600_000],
  [/^(ms|milli)/, 1],
  [/^m/, 60_000],
  [/^s/, 1000],
  [/^(µs|micro)/, 1e-3],
  [/^n/, 1e-6],
];

/**
 * Milliseconds of a duration in Flink's notation, `10 s` or `500` (milliseconds). Undefined for other text,
 * and for ISO 8601, which Flink 2 reads too.
 */
export function milliseconds(text: string): number | undefined {
  const [, number, unit] = /^\s*(\d+)\s*(\p{L}*)\s*$/u.exec(text) ?? [];
  if (number === undefined) return undefined;
  if (unit === "") return Number(number);
  const factor = units.find(([pattern]) => pattern.test(unit.toLowerCase()))?.[1];
  return factor === undefined ? undefined : Number(number) * factor;
}

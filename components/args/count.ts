import type { Problem } from "../problems";

/** Reports a number that is not an integer or is out of range. */
export function checkCount(
  path: string,
  value: number,
  minimum: number,
  reason: string,
  problems: Problem[],
  maximum = 10_000_000,
): boolean {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return true;
  const range =
    maximum === 10_000_000 && value <= maximum ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
  const why = maximum === 10_000_000 && value > maximum ? "this is more than is possible" : reason;
  problems.push({ path, value, reason: why, fix: `write a whole number ${range}` });
  return false;
}

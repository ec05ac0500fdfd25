import type { Problem } from "../problems";

/** Reports a number that is not whole or out of range. */
export function checkCount(
  path: string,
  value: number,
  minimum: number,
  reason: string,
  problems: Problem[],
  maximum = 10_000_000,
): boolean {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return true;
  const range = maximum === 10_000_000 ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
  problems.push({ path, value, reason, fix: `write a whole number ${range}` });
  return false;
}

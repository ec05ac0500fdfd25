import { type Outcome, type Rule, UNKNOWN } from "../../../policies/core";
import type { Fixture } from "../../../policies/core/fixtures";
import type { TestResource } from "../../../policies/testing";
import { judgeWith, resourcesOf } from "./verdicts";

/** Every place in plain data, from the outside in, but not the whole. */
export function places(value: unknown, within: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [];
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  return [...keys].flatMap((key) => {
    const place = [...within, key];
    return [place, ...places((value as Record<string | number, unknown>)[key], place)];
  });
}

export function withUnknown(
  props: Record<string, unknown>,
  place: (string | number)[],
): Record<string, unknown> {
  // Not structuredClone: two places may hold the same object, and only one is to be changed.
  const copy = JSON.parse(JSON.stringify(props)) as Record<string, unknown>;
  let at = copy as Record<string | number, unknown>;
  for (const key of place.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  at[place.at(-1)!] = UNKNOWN;
  return copy;
}

/** What went wrong when each field of a rule's fixtures, one at a time, was made unknown. */
export function unknownMistakes(
  rule: Rule,
  fixtures: readonly Fixture[],
): { tried: number; mistakes: string[] } {
  const mistakes: string[] = [];
  let tried = 0;
  for (const fixture of fixtures) {
    const resources = resourcesOf(fixture);
    const before = judgeWith(rule, resources, fixture.config);
    resources.forEach((resource, index) => {
      for (const place of places(resource.props)) {
        tried++;
        const changed: TestResource[] = resources.map((other, i) =>
          i === index ? { ...other, props: withUnknown(resource.props, place) } : other,
        );
        const after = judgeWith(rule, changed, fixture.config);
        const mistake = compare(before, after);
        if (isWindowsOnly(rule, place) && mistake?.startsWith("a violation appears")) continue;
        if (mistake !== undefined) mistakes.push(`${rule.name}: ${place.join(".")} unknown: ${mistake}`);
      }
    });
  }
  return { tried, mistakes };
}

/**
 * A pod of an unknown system may be one of Windows, where the API server refuses these fields anyway: that they are set is reported, so that
 * an unknown system hides nothing.
 */
function isWindowsOnly(rule: Rule, place: (string | number)[]): boolean {
  return /^pss-(privilege-escalation|capabilities-restricted)$/.test(rule.name) && place.includes("os");
}

/** A violation may become undetermined, never vanish; and none may appear. */
function compare(before: Outcome | undefined, after: Outcome | undefined): string | undefined {
  if (after?.error) return `throws ${after.error.message}`;
  const [old, now] = [before, after].map(
    (outcome) => new Set(outcome?.violations.map(({ urn, path }) => `${urn} ${path}`)),
  ) as [Set<string>, Set<string>];
  for (const violation of now) {
    if (!old.has(violation)) return `a violation appears at ${violation}`;
  }
  for (const violation of old) {
    if (now.has(violation) || (after?.undetermined.length ?? 0) > 0) continue;
    return `the violation at ${violation} vanishes without a word`;
  }
  return undefined;
}

import assert from "node:assert/strict";
import path from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { projectDir } from "../../support/project";

/** What a RandomPassword is given, of that which the package and its users give it. */
interface Wanted {
  length: number;
  lower?: boolean;
  upper?: boolean;
  numeric?: boolean;
  special?: boolean;
  overrideSpecial?: string;
  minLower?: number;
  minUpper?: number;
  minNumeric?: number;
  minSpecial?: number;
}

describe("a password of the stand-in for the random provider", () => {
  let password: (inputs: Wanted) => string;

  before(async () => {
    const file = pathToFileURL(path.join(projectDir, "local", "engine", "random-stand-in.mjs")).href;
    ({ password } = (await import(file)) as { password: (inputs: Wanted) => string });
  });

  const kinds = (special: string) => ({
    lower: /[a-z]/g,
    upper: /[A-Z]/g,
    numeric: /[0-9]/g,
    special: new RegExp(`[${special.replace(/[\]\\^-]/g, "\\$&")}]`, "g"),
  });
  const switches = fc.record({
    lower: fc.boolean(),
    upper: fc.boolean(),
    numeric: fc.boolean(),
    special: fc.boolean(),
  });
  const minimum = fc.integer({ min: 0, max: 4 });
  const minimums = fc.record({
    minLower: minimum,
    minUpper: minimum,
    minNumeric: minimum,
    minSpecial: minimum,
  });
  const wanted: fc.Arbitrary<Wanted> = fc
    .tuple(
      fc.integer({ min: 16, max: 64 }),
      switches,
      minimums,
      fc.constantFrom("!@#$%&*()-_=+[]{}<>:?", "-_"),
    )
    .filter(([, { lower, upper, numeric, special }]) => lower || upper || numeric || special)
    .map(([length, on, least, overrideSpecial]) => ({
      length,
      ...on,
      overrideSpecial,
      // The real provider refuses a minimum of characters that are not wanted.
      minLower: on.lower ? least.minLower : 0,
      minUpper: on.upper ? least.minUpper : 0,
      minNumeric: on.numeric ? least.minNumeric : 0,
      minSpecial: on.special ? least.minSpecial : 0,
    }));
  const count = (text: string, characters: RegExp) => (text.match(characters) ?? []).length;

  it("has the wished length, the minimum of each kind, and no characters of a kind that is not wanted", () => {
    fc.assert(
      fc.property(wanted, (inputs) => {
        const made = password(inputs);
        assert.equal(made.length, inputs.length);
        const { lower, upper, numeric, special } = kinds(inputs.overrideSpecial!);
        const rows = [
          [inputs.lower, inputs.minLower, count(made, lower)],
          [inputs.upper, inputs.minUpper, count(made, upper)],
          [inputs.numeric, inputs.minNumeric, count(made, numeric)],
          [inputs.special, inputs.minSpecial, count(made, special)],
        ] as const;
        for (const [on, least, found] of rows) assert.ok(on ? found >= least! : found === 0, made);
        assert.equal(
          rows.reduce((sum, [, , found]) => sum + found, 0),
          made.length,
          "nothing else",
        );
      }),
    );
  });

  it("is another one each time, and has characters of every kind where nothing is said", () => {
    const made = Array.from({ length: 200 }, () => password({ length: 24 }));
    assert.equal(new Set(made).size, made.length);
    for (const characters of Object.values(kinds("!@#$%&*()-_=+[]{}<>:?"))) {
      assert.ok(count(made.join(""), characters) > 0, String(characters));
    }
  });
});

import assert from "node:assert/strict";
import { mistakesWith, mutated, survivorsOf } from "./support/mutants";

for (const [name, code] of Object.entries(mutated)) {
  describe(`the fixtures of ${name}`, function () {
    this.timeout(600_000);

    it("pass without an error put in", () => {
      assert.deepEqual([...mistakesWith(code)], []);
    });

    it(`catch each of ${code.mutants.length} small errors put into the rules`, () => {
      assert.deepEqual(survivorsOf(code), []);
    });
  });
}

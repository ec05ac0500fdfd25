import assert from "node:assert/strict";
import { projectDir } from "../support/project";
import { mistakesWith, mutated, survivorsOf } from "./support/mutants";
import { needsReference } from "./support/reference";
import { countScores, writtenScores } from "./support/scoreboard";

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

describe("the scoreboard", function () {
  this.timeout(600_000);

  it("says what is counted now", async function () {
    await needsReference(this);
    assert.equal(writtenScores(projectDir), await countScores());
  });
});

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
    // Behind it stands what the last whole run of the mutation gate came to.
    const [counted] = writtenScores(projectDir).split("\n## The mutation gate\n");
    assert.equal(counted, await countScores());
  });
});

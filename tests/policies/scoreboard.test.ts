import assert from "node:assert/strict";
import { projectDir } from "../support/project";
import { referenceMissing } from "./support/reference";
import { countScores, writtenScores } from "./support/scoreboard";

describe("the scoreboard", function () {
  this.timeout(600_000);

  it("says what is counted now", async function () {
    const missing = await referenceMissing();
    if (missing !== undefined) {
      console.log(`        skipped: ${missing}`);
      this.skip();
    }
    assert.equal(writtenScores(projectDir), await countScores());
  });
});

import assert from "node:assert/strict";
import { Truth } from "../support/truth";
import { needsNode } from "./support";

/** Changes of different kinds, and the ways back to what they begin with; `npm run bench -- truth` makes all of the corpus. */
const changes = ["nothing-changes", "one-more-task-manager", "job-added", "job-arguments", "another-option"];

describe("what a preview says is what happens", function () {
  this.timeout(1_200_000);
  before(function () {
    needsNode(this);
  });

  it("of a new stack, of processes and jobs that go on, of jobs that come, restart and go, and of every object", async () => {
    const truth = new Truth("preview-truth", (line) => console.log(`    ${line}`));
    const rows = await truth.run(changes, { lastBack: false });
    assert.deepEqual(
      rows.filter(({ wrong }) => wrong.length > 0),
      [],
    );
  });
});

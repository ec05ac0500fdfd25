import assert from "node:assert/strict";
import { Truth } from "../support/truth";
import { needsNode } from "./support";

/** One change of each kind; `npm run bench -- truth` makes all of them, and their ways back. */
const changes = [
  "nothing-changes",
  "one-more-task-manager",
  "job-added",
  "job-arguments",
  "another-option",
  "job-removed",
];

describe("what a preview says is what happens", function () {
  this.timeout(1_200_000);
  before(function () {
    needsNode(this);
  });

  it("of a new stack, of processes and jobs that go on, of jobs that come, restart and go, and of every object", async () => {
    const truth = new Truth("preview-truth", (line) => console.log(`    ${line}`));
    const rows = await truth.run(changes, { back: false });
    assert.deepEqual(
      rows.filter(({ wrong }) => wrong.length > 0),
      [],
    );
  });
});

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { SPLITS, Output, between, longestGap, problemsOf, type Row } from "../../support/counted";

/** Every split up to a number, a row a millisecond. */
function whole(greatest: number): Row[] {
  return Array.from({ length: SPLITS * (greatest + 1) }, (_, index) => ({
    split: index % SPLITS,
    number: Math.floor(index / SPLITS),
    at: 1000 + index,
    label: "0",
  }));
}

describe("the checker of what was counted", () => {
  it("finds nothing wrong when every number is there once, in any order", () => {
    assert.deepEqual(problemsOf(whole(3).reverse()), []);
    assert.deepEqual(problemsOf([]), []);
  });

  it("names what is missing, what is there twice, and splits without a number", () => {
    const rows = whole(3);
    const without = rows.filter(({ split, number }) => !(split === 7 && number === 1) && split !== 11);
    assert.deepEqual(problemsOf([...without, rows.find(({ split }) => split === 5)!]), [
      "split 5, up to 3: more than once 0",
      "split 7, up to 3: missing 1",
      "splits without any number: 11",
    ]);
  });

  it("reads committed files only, each once, and passes on what the job complained of", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "counted-"));
    try {
      fs.writeFileSync(path.join(folder, "part-a-0"), "1 0 1000 x\nWRONG split 1: expected 0, got 5\n");
      fs.writeFileSync(path.join(folder, ".part-a-1.inprogress.b"), "1 1 1001 x\n");
      const output = new Output(folder);
      assert.deepEqual(output.rows(), [{ split: 1, number: 0, at: 1000, label: "x" }]);
      fs.renameSync(path.join(folder, ".part-a-1.inprogress.b"), path.join(folder, "part-a-1"));
      assert.equal(output.rows().length, 2);
      assert.equal(output.problems()[0], "WRONG split 1: expected 0, got 5");
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it("measures the longest silence, and the time from one revision to the next", () => {
    const row = (at: number, label: string): Row => ({ split: 0, number: 0, at, label });
    const rows = [row(1000, "a"), row(9000, "a"), row(9500, "a"), row(12_500, "b"), row(13_000, "b")];
    assert.equal(longestGap(rows, 0), 8);
    assert.equal(longestGap(rows, 9400), 3);
    assert.equal(between(rows, "a", "b"), 3);
  });
});

import assert from "node:assert/strict";
import { median, ratioOfMedians } from "../../bench/bench";
import { markdownTable, table } from "../../bench/report";

describe("bench report", () => {
  it("takes the middle value, or the mean of the two in the middle", () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([4, 1, 2, 100]), 3);
  });

  it("compares medians, and has no ratio where one side was not measured", () => {
    assert.deepEqual(ratioOfMedians("r", [1, 2, 9], [4, 3, 5], 0.62).values, [0.5]);
    assert.deepEqual(ratioOfMedians("r", [], [1]).values, []);
  });

  it("shows what was measured, what missed its aim, what was skipped and what failed", () => {
    const text = table([
      {
        bench: "start",
        load: 0.25,
        figures: [
          { name: "met", unit: "s", values: [3, 1, 2], aim: 10 },
          { name: "missed", unit: "s", values: [600, 1260], aim: 900 },
          { name: "no engine", unit: "s", values: [], skipped: "there is no pulumi" },
        ],
      },
      { bench: "broken", load: 1, figures: [], failed: "it broke\nbecause" },
    ]);
    const lines = text.split("\n").map((line) => line.split(/ {2,}/));
    assert.deepEqual(lines[2], ["met", "2.0 s", "1.0 s – 3.0 s", "3", "10.0 s met", "0.3"]);
    assert.deepEqual(lines[3], [
      "missed",
      "15 min 30 s",
      "10 min 0 s – 21 min 0 s",
      "2",
      "15 min 0 s missed",
      "0.3",
    ]);
    assert.deepEqual(lines[4], ["no engine", "skipped: there is no pulumi"]);
    assert.deepEqual(lines[5], ["broken", "failed: it broke"]);
  });

  it("prints rows for the page of figures", () => {
    const rows = [["what", "worst"], ["JobManager killed", "9.1 s"], ["without a time"]];
    assert.equal(
      markdownTable(rows),
      [
        "| what              | worst |",
        "| ----------------- | ----- |",
        "| JobManager killed | 9.1 s |",
        "| without a time    |       |",
      ].join("\n"),
    );
  });
});

import assert from "node:assert/strict";
import { slowest, soakReport } from "../../../local/test-report";

describe("what npm test and npm run soak say at their end", () => {
  it("are the files that took longest, the longest first", () => {
    const files = new Map([
      ["/p/tests/a.test.ts", 1.04],
      ["/p/tests/b.test.ts", 120],
      ["/p/tests/c.test.ts", 3],
    ]);
    assert.deepEqual(slowest("/p", files, 2), ["   120.0 s  tests/b.test.ts", "     3.0 s  tests/c.test.ts"]);
  });

  it("is a table of the cases of each file", () => {
    const file = "/p/tests/a.soak.ts";
    const text = soakReport("/p", "`npm run soak`, 2026-11-29: 1 passed, 1 failed, 0 skipped.", [
      { file, title: "a | b", result: "passed", seconds: 1.26 },
      { file, title: "c", result: "failed", seconds: 0 },
    ]);
    assert.equal(
      text,
      `\`npm run soak\`, 2026-11-29: 1 passed, 1 failed, 0 skipped.

tests/a.soak.ts:

| case   | result     | seconds |
| ------ | ---------- | ------- |
| a \\| b | passed     | 1.3     |
| c      | **failed** | 0.0     |
`,
    );
  });
});

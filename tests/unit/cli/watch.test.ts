import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { onChange } from "../../../cli/watch";

describe("watching a project", () => {
  it("comes once at the beginning and once for what is saved together, not for installed packages and what is written, and ends with Ctrl-C", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-watch-"));
    const write = (file: string) => writeFileSync(path.join(folder, file), "text");
    for (const name of ["node_modules", "report", "src"]) mkdirSync(path.join(folder, name));
    const interrupt = new AbortController();
    try {
      const seen: (string | undefined)[] = [];
      for await (const changed of onChange(folder, interrupt.signal, path.join(folder, "report"))) {
        seen.push(changed);
        if (seen.length === 1) {
          for (const file of ["node_modules/a.js", "report/report.md", "src/a.ts", "src/b.ts"]) write(file);
        } else {
          interrupt.abort();
        }
      }
      assert.equal(seen[0], undefined);
      assert.match(seen[1]!, /^src/);
      assert.equal(seen.length, 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { eventLines } from "../../../local/deploy";
import type { RunEvent } from "../../../recorder";

const warning = (job: string): RunEvent => ({
  type: "log",
  severity: "warning",
  message: "no directory",
  urn: `urn:pulumi:s::p::flink-kubernetes:index:FlinkJob::${job}`,
});

describe("what a deployment says while it works", () => {
  it("names the job of a warning, and says it once: not again in the update, nor after a check that has said it", () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-deploy-"));
    const log = path.join(folder, "log");
    try {
      const lines: string[] = [];
      const report = (line: string) => lines.push(line);
      const { signal } = new AbortController();
      const told = new Set(["warning: FlinkJob checked: no directory"]);
      const say = eventLines({ log, report, signal }, told);
      for (const job of ["one", "two", "checked", "one"]) say(warning(job));
      say({ type: "log", severity: "info", message: "still waiting" });
      say({ type: "log", severity: "info", message: "still waiting" });
      assert.deepEqual(lines, [
        "warning: FlinkJob one: no directory",
        "warning: FlinkJob two: no directory",
        "still waiting",
        "still waiting",
      ]);
      assert.equal(readFileSync(log, "utf8").trim().split("\n").length, 6, "the log has all of it");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

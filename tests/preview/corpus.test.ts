import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import type { Preview } from "../../preview/normal";
import { summaryOf } from "../../preview/markdown";
import { type Report, reportOf } from "../../preview/report";
import { readEngineOutput } from "../../preview/sources/engine-output";
import { compareRenders } from "../../preview/sources/renders";
import { projectDir } from "../support/project";
import { corpus, corpusBase } from "./support/corpus";
import type { StackModel } from "./support/model";
import { eventLines, jsonDocument, rendering } from "./support/stack";

const folder = path.join(projectDir, "tests", "preview", "corpus");
const update = process.env.FLINK_KUBERNETES_UPDATE_DOCS === "1";
const about = { stack: "prod", commit: "5f2d0c1" };

/** Names by content change with every script of this package: they would make these files change with them. */
function withoutHashes(text: string): string {
  return text.replace(/(-)[0-9a-f]{8}(?=[`|<\s])/g, "$1HASH");
}

/** What is said of Flink: the same, whatever told of the change. */
function flinkOf({ clusters, jobs, requests, dangers, counts }: Report) {
  return { clusters, jobs, requests, dangers, counts };
}

describe("the report of a change", function () {
  this.timeout(120_000);
  const rendered = new Map<StackModel, ReturnType<typeof rendering>>();
  const renderingOf = (model: StackModel) => {
    const found = rendered.get(model) ?? rendering(model);
    rendered.set(model, found);
    return found;
  };

  for (const [name, { from = corpusBase, to }] of Object.entries(corpus)) {
    it(`${name}: is as reviewed, and the same from events, from --json and from two renderings`, async () => {
      const base = await renderingOf(from);
      const head = await renderingOf(to);
      const renders = reportOf(compareRenders(base, head), about);
      const file = path.join(folder, `${name}.md`);
      const text = withoutHashes(summaryOf(renders));
      if (update) writeFileSync(file, text);
      assert.equal(text, existsSync(file) ? readFileSync(file, "utf8") : "");

      const read = (output: string): Promise<Preview> => readEngineOutput(Readable.from([output]));
      const events = reportOf(await read(eventLines(base, head)), about);
      const json = reportOf(await read(jsonDocument(base, head)), about);
      assert.deepEqual(flinkOf(events), flinkOf(renders));
      assert.deepEqual(flinkOf(json), flinkOf(renders));
      assert.deepEqual(events.missing, []);
      assert.match(json.missing.join(), /^`pulumi preview --json` leaves out what policies say$/);
    });
  }

  it("has no file that no change stands for", () => {
    const files = readdirSync(folder).map((file) => path.basename(file, ".md"));
    assert.deepEqual(files.sort(), Object.keys(corpus).sort());
  });
});

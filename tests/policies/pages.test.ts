import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { packsWithPages, pagesFolder } from "../../local/policies/all-pages";
import { pagesOf } from "../../local/policies/pages";
import { projectDir } from "../support/project";

describe("the pages of the rules", () => {
  for (const [name, pages] of Object.entries(packsWithPages)) {
    it(`are those that the rules make: ${name}`, () => {
      const folder = pagesFolder(projectDir, name);
      const made = pagesOf(pages);
      assert.deepEqual(readdirSync(folder).sort(), Object.keys(made).sort());
      for (const [file, text] of Object.entries(made)) {
        assert.equal(readFileSync(path.join(folder, file), "utf8"), text, file);
      }
    });
  }
});

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { installPackage } from "../support/installed";
import { projectDir } from "../support/project";

describe("docs/own-policies.md", function () {
  this.timeout(600_000);

  it("makes a pack whose tests pass, as it stands there", async () => {
    const page = readFileSync(path.join(projectDir, "docs", "own-policies.md"), "utf8");
    const installed = await installPackage("policies");
    try {
      // Beside the package, under the name by which it is installed.
      const modules = path.dirname(installed.folder);
      const folder = path.join(path.dirname(modules), "company-policies");
      mkdirSync(folder);
      writeFileSync(
        path.join(modules, "flink-kubernetes-policies.js"),
        `module.exports = require(${JSON.stringify(installed.folder)});\n`,
      );
      // Each block is the file that the text before it names last.
      const blocks = [...page.matchAll(/`([\w.-]+\.(?:js|json|yaml))`[^`]*```\w+\n([^]*?)```/g)];
      assert.deepEqual(
        blocks.map(([, name]) => name),
        ["PulumiPolicy.yaml", "package.json", "rules.js", "index.js", "rules.test.js"],
      );
      for (const [, name, text] of blocks) writeFileSync(path.join(folder, name!), text!);
      const { all, exitCode } = await execa("npm", ["test"], { cwd: folder, all: true, reject: false });
      assert.equal(exitCode, 0, all);
      assert.match(all, /^# pass 4$|pass 4/m);
      const rules = path.join(folder, "rules.js");
      writeFileSync(rules, readFileSync(rules, "utf8").replace("team.isMissing", "false"));
      assert.equal((await execa("npm", ["test"], { cwd: folder, reject: false })).exitCode, 1, "they test");
    } finally {
      installed.remove();
    }
  });
});

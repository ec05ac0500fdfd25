import assert from "node:assert/strict";
import { globSync } from "node:fs";
import path from "node:path";
import { preview } from "../../local/direct";
import { readStack } from "../../local/stack";
import { projectDir } from "../support/project";
import { kubeconfig, needsNode } from "./support";

describe("every stack of this repository", function () {
  this.timeout(120_000);
  before(function () {
    needsNode(this);
  });

  for (const file of globSync("Pulumi.*.yaml", { cwd: projectDir }).sort()) {
    const stack = path.basename(file).split(".")[1]!;
    it(`passes the API server's strict server-side dry run: ${stack}`, async () => {
      const result = await preview({ ...readStack(projectDir, stack), kubeconfig });
      assert.ok(result.created >= 10, `${result.created} objects would be created`);
    });
  }
});

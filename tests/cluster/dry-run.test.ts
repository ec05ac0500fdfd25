import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { preview } from "../../local/direct";
import { readStack } from "../../local/stack";
import { projectDir } from "../support/project";
import { kubeconfig, needsNode } from "./support";

describe("every stack of this repository", function () {
  this.timeout(120_000);
  before(function () {
    needsNode(this);
  });

  for (const stack of stacks()) {
    it(`passes the API server's strict server-side dry run: ${stack}`, async () => {
      const result = await preview({ ...readStack(projectDir, stack), kubeconfig });
      assert.ok(result.created >= 10, `${result.created} objects would be created`);
    });
  }
});

function stacks(): string[] {
  const names = readdirSync(projectDir).map((file) => /^Pulumi\.(\w+)\.yaml$/.exec(file)?.[1]);
  return names.filter((name) => name !== undefined).sort();
}

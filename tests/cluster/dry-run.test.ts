import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { preview } from "../../local/direct";
import { clusterOf, readStack } from "../../local/stack";
import { projectDir } from "../support/project";
import { core, kubeconfig, needsNode } from "./support";

describe("every stack of this repository", function () {
  this.timeout(120_000);
  before(function () {
    needsNode(this);
  });

  for (const stack of stacks()) {
    it(`passes the API server's strict server-side dry run: ${stack}`, async () => {
      const settings = readStack(projectDir, stack);
      const { namespace } = clusterOf(settings);
      // A stack may live in a namespace that somebody else makes.
      const adopted = /"create":\s*false/.test(settings.config["flink-kubernetes:cluster"] ?? "");
      if (adopted) await core.createNamespace({ body: { metadata: { name: namespace } } });
      const result = await preview({ ...settings, kubeconfig });
      if (adopted) await core.deleteNamespace({ name: namespace });
      const objects = result.created + result.updated + result.unchanged;
      assert.ok(objects >= 10, `${objects} objects were tried`);
    });
  }
});

function stacks(): string[] {
  const names = readdirSync(projectDir).map((file) => /^Pulumi\.(\w+)\.yaml$/.exec(file)?.[1]);
  return names.filter((name) => name !== undefined).sort();
}

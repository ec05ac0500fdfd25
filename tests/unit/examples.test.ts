import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { FlinkConnection } from "../../components/index";
import { rules as flink } from "../../policies/flink/rules";
import { rules as kubernetes } from "../../policies/kubernetes/rules";
import type { TestResource } from "../../policies/testing";
import { findings, registered } from "../policies/support/own-stacks";
import { examplePrograms, loadExample } from "../support/examples";
import { projectDir } from "../support/project";

const folder = path.join(projectDir, "examples");
const rules = [...kubernetes, ...flink].filter(({ level }) => level !== "disabled");

describe("the examples", function () {
  this.timeout(120_000);
  /** What platform.ts of multi-stack puts out, and what else stands in its namespace. */
  let connection: pulumi.Output<FlinkConnection>;
  let platform: TestResource[] = [];

  it("are the ones that their page lists", () => {
    assert.deepEqual(examplePrograms, [
      "checkpointed-counter/index.ts",
      "kafka/index.ts",
      "multi-stack/platform.ts",
      "multi-stack/team.ts",
      "python/index.ts",
      "reactive/index.ts",
      "sql/index.ts",
      "two-teams/index.ts",
    ]);
  });

  for (const file of examplePrograms) {
    it(`${file} has fewer than 60 lines, makes its objects, and no rule has anything to say of them`, async () => {
      const text = readFileSync(path.join(folder, file), "utf8");
      assert.ok(text.split("\n").length < 60);
      const found = await registered(() => {
        const exported = loadExample(file, () => connection) as {
          connection?: typeof connection;
        };
        if (exported.connection) connection = exported.connection;
      });
      const types = found.map(({ type }) => type);
      assert.ok(types.some((type) => type.startsWith("flink-kubernetes:index:")));
      assert.ok(types.includes("kubernetes:batch/v1:Job"));
      if (file === "multi-stack/platform.ts") platform = found;
      const together = file === "multi-stack/team.ts" ? [...platform, ...found] : found;
      assert.deepEqual(findings(rules, together), []);
    });
  }

  it("two-teams demands rules that there are", () => {
    const text = readFileSync(path.join(folder, "two-teams/policies.json"), "utf8");
    const names = Object.keys(JSON.parse(text) as object);
    assert.ok(names.length > 0);
    assert.deepEqual(
      names.filter((name) => !flink.some((rule) => rule.name === name)),
      [],
    );
  });
});

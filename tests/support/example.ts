import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { TestStack } from "../cluster/support";
import type { EngineOptions, Result } from "../../local/engine";
import { projectDir } from "./project";

export type Changes = readonly (readonly [was: string | RegExp, is: string])[];

/** A program of examples/, brought up by the Pulumi engine. What only a user's own cluster has is changed in its text, and nothing else. */
export class Example {
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-example-"));
  readonly stack: TestStack;

  constructor(
    private readonly file: string,
    private readonly changes: Changes,
    project = `examples-${file.replace(/\W/g, "-")}`,
  ) {
    fs.writeFileSync(
      path.join(this.folder, "Pulumi.yaml"),
      `name: ${project}\nruntime: nodejs\nmain: index.ts\n`,
    );
    fs.cpSync(
      path.join(projectDir, "tests/cluster/programs/two-clusters/tsconfig.json"),
      path.join(this.folder, "tsconfig.json"),
    );
    fs.symlinkSync(path.join(projectDir, "node_modules"), path.join(this.folder, "node_modules"));
    this.stack = new TestStack("prod", this.folder);
  }

  up(more: Partial<EngineOptions> = {}, changes: Changes = []): Promise<Result> {
    let text = fs.readFileSync(path.join(projectDir, "examples", this.file), "utf8");
    const sources = JSON.stringify(path.join(projectDir, "components/index"));
    for (const [was, is] of [['"flink-kubernetes"', sources] as const, ...this.changes, ...changes]) {
      const changed = text.replace(was, is);
      assert.notEqual(changed, text, `${this.file} has no ${was} any more`);
      text = changed;
    }
    fs.writeFileSync(path.join(this.folder, "index.ts"), text);
    return this.stack.up({}, more);
  }

  async down(): Promise<void> {
    await this.stack.down();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { kubeconfig } from "../cluster/support";
import { type DirectOptions, down, type Result, up } from "../../local/direct";
import { projectDir } from "./project";

export type Changes = readonly (readonly [was: string | RegExp, is: string])[];

/** A program of examples/, brought up without an engine. What only a user's own cluster has is changed in its text, and nothing else. */
export class Example {
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-example-"));
  private readonly options: DirectOptions;
  private isUp = false;

  constructor(
    private readonly file: string,
    private readonly changes: Changes,
  ) {
    const project = `examples-${file.replace(/\W/g, "-")}`;
    fs.writeFileSync(path.join(this.folder, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
    fs.cpSync(
      path.join(projectDir, "tests/cluster/programs/two-clusters/tsconfig.json"),
      path.join(this.folder, "tsconfig.json"),
    );
    fs.symlinkSync(path.join(projectDir, "node_modules"), path.join(this.folder, "node_modules"));
    const found = { project, stack: "test", projectDir: this.folder, main: "index.ts", kubeconfig };
    this.options = { ...found, config: {}, secretConfigKeys: [] };
  }

  up(more: Partial<DirectOptions> = {}, changes: Changes = []): Promise<Result> {
    let text = fs.readFileSync(path.join(projectDir, "examples", this.file), "utf8");
    const sources = JSON.stringify(path.join(projectDir, "components/index"));
    for (const [was, is] of [['"flink-kubernetes"', sources] as const, ...this.changes, ...changes]) {
      const changed = text.replace(was, is);
      assert.notEqual(changed, text, `${this.file} has no ${was} any more`);
      text = changed;
    }
    fs.writeFileSync(path.join(this.folder, "index.ts"), text);
    this.isUp = true;
    return up({ ...this.options, ...more });
  }

  async down(): Promise<void> {
    if (this.isUp) await down(this.options);
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

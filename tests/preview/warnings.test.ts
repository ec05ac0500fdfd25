import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { commentOf } from "../../preview/markdown";
import type { Message, Preview } from "../../preview/normal";
import { reportOf } from "../../preview/report";
import { terminalOf } from "../../preview/terminal";
import { projectDir } from "../support/project";

const urnOf = (name: string) => `urn:pulumi:prod::shop::flink-kubernetes:index:FlinkJob::${name}`;
const warning = (urn: string, text: string): Message => ({ severity: "warning", urn, text });

const shown = (messages: Message[]) => {
  const preview: Preview = { source: "renders", changes: [], policies: [], messages, missing: [] };
  const report = reportOf(preview, { stack: "prod" });
  return { terminal: terminalOf(report, { width: 200, color: false }), comment: commentOf(report) };
};

describe("warnings in a preview", function () {
  this.timeout(60_000);

  it("are in the terminal and in the comment, each with its resource and once", () => {
    const { terminal, comment } = shown([
      warning(urnOf("one"), "no directory"),
      warning(urnOf("two"), "no directory"),
      warning(urnOf("two"), "no directory"),
      warning("", "no directory"),
      warning("", "of the whole program"),
    ]);
    const lines = terminal.split("\n");
    assert.deepEqual(lines.slice(lines.indexOf("Warnings") + 1).filter(Boolean), [
      "  FlinkJob one: no directory",
      "  FlinkJob two: no directory",
      "  of the whole program",
    ]);
    assert.match(comment, /3 warnings/);
    for (const name of ["FlinkJob one", "FlinkJob two"])
      assert.equal(comment.split(name).length, 2, `${name} once`);
  });

  it("are not there when there are none", () => assert.doesNotMatch(shown([]).terminal, /Warnings/));

  const file = path.join(projectDir, "Pulumi.test-warnings.yaml");
  const run = (command: string) =>
    execa("node", ["local/bootstrap.mjs", command, "--stack", "test-warnings"], { cwd: projectDir });

  before(() =>
    writeFileSync(
      file,
      `config:
  flink-kubernetes:cluster: { name: clicks, flinkVersion: 2.2.1, checkpointing: { interval: 60s } }
  flink-kubernetes:jobs:
    - { name: one, jar: /opt/flink/usrlib/a.jar }
    - { name: two, jar: /opt/flink/usrlib/a.jar }
`,
    ),
  );
  after(() => rmSync(file, { force: true }));

  const told = (output: string) =>
    output
      .split("\n")
      .map((line) => /(Flink\w+ [a-z]+): \w/.exec(line)?.[1])
      .filter((name) => name !== undefined)
      .sort();

  it("name cluster and jobs in the output of npm run preview, on standard output", async () => {
    const { stdout } = await run("preview");
    const part = stdout.slice(stdout.indexOf("Warnings"));
    assert.deepEqual(told(part), ["FlinkCluster clicks", "FlinkJob one", "FlinkJob two"]);
  });

  for (const command of ["check", "render"]) {
    it(`name cluster and jobs on standard error of npm run ${command}`, async () => {
      const { stderr } = await run(command);
      assert.deepEqual(told(stderr), ["FlinkCluster clicks", "FlinkJob one", "FlinkJob two"]);
      assert.match(stderr, /^warning: FlinkJob one: upgradeMode: /m);
    });
  }
});

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { parse, parseAllDocuments } from "yaml";
import { type ForeignProject, install, type Installation } from "../support/foreign";
import { projectDir } from "../support/project";

interface Action {
  inputs: Record<string, { default?: string; required?: boolean; description: string }>;
  runs: { steps: { run: string; env: Record<string, string>; "working-directory": string }[] };
}

const actionOf = (name: string) =>
  parse(readFileSync(path.join(projectDir, `.github/actions/${name}/action.yml`), "utf8")) as Action;

const program = (memory: string) => `const { FlinkCluster } = require("flink-kubernetes");
new FlinkCluster("orders", { flinkVersion: "2.2.1", taskManager: { memory: "${memory}", slots: 2, replicas: 2 } });
`;

/** The steps of the actions and of the component, in a repository that has nothing of this one but the installed package. */
describe("the actions and the component that other repositories use", function () {
  this.timeout(600_000);
  let installation: Installation;
  let project: ForeignProject;
  let command: string;

  before(async () => {
    installation = await install();
    project = installation.project("repository", {
      "infra/Pulumi.yaml": "name: shop\nruntime: nodejs\n",
      "infra/Pulumi.prod.yaml": "config: {}\n",
      "infra/package.json": `{ "name": "shop" }`,
      "infra/index.js": program("4g"),
    });
    await project.commit();
    project.write("infra/index.js", program("6g"));
    command = `${process.execPath} ${path.join(installation.folder, "node_modules/flink-kubernetes/bin/cli/main.js")}`;
  });
  after(() => installation.remove());

  const bash = (script: string, env: Record<string, string>) =>
    execa("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], {
      cwd: path.join(project.folder, "infra"),
      reject: false,
      env: { TS_NODE_PROJECT: undefined, ...env },
    });

  it("take their values from the environment, and put none into the script", () => {
    for (const name of ["preview", "comment", "render"]) {
      const { inputs, runs } = actionOf(name);
      for (const { run, env } of runs.steps) {
        assert.doesNotMatch(run, /\$\{\{/);
        const used = JSON.stringify([env, runs.steps.map((step) => step["working-directory"])]);
        for (const input of Object.keys(inputs)) assert.match(used, new RegExp(`inputs\\.${input} `), input);
      }
    }
  });

  it("preview writes the report, and gives the command's exit code on", async () => {
    const [{ run }] = actionOf("preview").runs.steps as [Action["runs"]["steps"][number]];
    const output = path.join(project.folder, "output");
    writeFileSync(output, "");
    const given = {
      STACK: "prod",
      AGAINST: "HEAD",
      ENGINE: "",
      BASE: "",
      HEAD: "",
      PACKS: "",
      COMMIT: "abc",
      OUT: "report",
    };
    const ran = await bash(run, { ...given, COMMAND: command, GITHUB_OUTPUT: output });
    assert.equal(ran.exitCode, 0, ran.stderr + ran.stdout);
    assert.equal(readFileSync(output, "utf8"), "exit-code=0\n");
    const report = readFileSync(path.join(project.folder, "infra/report/report.md"), "utf8");
    assert.match(report, /stack `prod` at `abc`[^]*4Gi[^]*6Gi/);
    const failed = await bash(run, {
      ...given,
      STACK: "none",
      OUT: "none",
      COMMAND: command,
      GITHUB_OUTPUT: output,
    });
    assert.equal(failed.exitCode, 1, failed.stdout);
    assert.match(readFileSync(output, "utf8"), /^exit-code=1$/m);
  });

  it("render writes two revisions, and preview compares them without the program", async () => {
    const [{ run: render }] = actionOf("render").runs.steps as [Action["runs"]["steps"][number]];
    const [{ run }] = actionOf("preview").runs.steps as [Action["runs"]["steps"][number]];
    for (const [file, memory] of [
      ["base.json", "4g"],
      ["head.json", "8g"],
    ] as const) {
      project.write("infra/index.js", program(memory));
      const ran = await bash(render, {
        STACK: "prod",
        OUT: path.join(project.folder, file),
        COMMAND: command,
      });
      assert.equal(ran.exitCode, 0, ran.stderr);
    }
    project.write("infra/index.js", "throw new Error('nobody runs this')");
    const files = {
      BASE: path.join(project.folder, "base.json"),
      HEAD: path.join(project.folder, "head.json"),
    };
    const given = { STACK: "prod", AGAINST: "", ENGINE: "", PACKS: "", COMMIT: "abc", OUT: "of-files" };
    const ran = await bash(run, { ...given, ...files, COMMAND: command, GITHUB_OUTPUT: "/dev/null" });
    project.write("infra/index.js", program("6g"));
    assert.equal(ran.exitCode, 0, ran.stderr + ran.stdout);
    assert.match(readFileSync(path.join(project.folder, "infra/of-files/report.md"), "utf8"), /4Gi[^]*8Gi/);
  });

  it("comment says in which jobs it posts", async () => {
    const [{ run }] = actionOf("comment").runs.steps as [Action["runs"]["steps"][number]];
    const env = {
      STACK: "prod",
      COMMIT: "abc",
      REPORT: "report",
      COMMAND: command,
      GITHUB_API_URL: "",
      CI_API_V4_URL: "",
    };
    const { exitCode, stderr } = await bash(run, env);
    assert.equal(exitCode, 2);
    assert.match(stderr, /runs in a job of GitHub Actions or GitLab CI/);
  });

  it("the component of GitLab does the same for a merge request", async () => {
    const text = readFileSync(path.join(projectDir, "templates/preview.yml"), "utf8");
    const [spec, jobs] = parseAllDocuments(text).map((document) => document.toJS() as Record<string, never>);
    const inputs = Object.keys((spec as unknown as { spec: { inputs: object } }).spec.inputs);
    const used = [...text.matchAll(/\$\[\[ inputs\.([a-z-]+) \]\]/g)].map(([, name]) => name!);
    assert.deepEqual([...new Set(used)].sort(), inputs.sort());
    const [job] = Object.values(jobs!) as unknown as [{ script: string[] }];
    const base = await execa("git", ["rev-parse", "HEAD"], { cwd: project.folder });
    const ran = await bash(job.script.join("\n"), {
      ...{
        STACK: "prod",
        FOLDER: ".",
        ENGINE: "",
        PACKS: "",
        INSTALL: "true",
        COMMAND: command,
        GITLAB_TOKEN: "",
      },
      ...{ CI_COMMIT_SHA: "abc", CI_MERGE_REQUEST_DIFF_BASE_SHA: base.stdout },
    });
    assert.equal(ran.exitCode, 0, ran.stderr + ran.stdout);
    assert.ok(existsSync(path.join(project.folder, "infra/report/report.html")));
  });
});

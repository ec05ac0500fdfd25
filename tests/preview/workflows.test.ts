import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { projectDir } from "../support/project";

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, unknown>;
}
interface Job {
  if?: string;
  permissions?: Record<string, string>;
  env?: Record<string, unknown>;
  environment?: string;
  "timeout-minutes"?: number;
  steps: Step[];
}
interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

const folder = path.join(projectDir, ".github/workflows");
const workflows = new Map(
  readdirSync(folder).map((file) => {
    const text = readFileSync(path.join(folder, file), "utf8");
    return [file, { text, workflow: parse(text) as Workflow }] as const;
  }),
);
const jobs = [...workflows].flatMap(([file, { workflow }]) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ where: `${file}, job ${name}`, file, name, job })),
);
const runsOf = ({ job }: { job: Job }) => job.steps.flatMap(({ run }) => run ?? []);
const job = (file: string, name: string) => workflows.get(file)!.workflow.jobs[name]!;
const writes = ({ job }: { job: Job }) => Object.values(job.permissions ?? {}).includes("write");

describe("the workflows that people copy", () => {
  it("are there: preview, comment on forks' pull requests, update on merge, drift by schedule", () => {
    const triggers = Object.fromEntries(
      [...workflows].map(([file, { workflow }]) => [file, Object.keys(workflow.on)]),
    );
    assert.deepEqual(triggers, {
      "drift.yml": ["schedule", "workflow_dispatch"],
      "preview-of-forks.yml": ["workflow_run"],
      "preview.yml": ["pull_request"],
      "update.yml": ["push"],
    });
  });

  it("pin every action by its commit, and say which version that is", () => {
    for (const [file, { text }] of workflows) {
      const uses = [...text.matchAll(/uses: (.*)$/gm)].map(([, used]) => used!);
      assert.ok(uses.length > 0, file);
      // Those of this repository come with the commit that is checked out.
      const foreign = uses.filter((used) => !/^\.\/\.github\/actions\/(preview|comment|render)$/.test(used));
      for (const used of foreign)
        assert.match(used, /^actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, file);
    }
  });

  it("give no permission to all jobs, and each job only what it needs", () => {
    for (const [file, { workflow }] of workflows) assert.deepEqual(workflow.permissions, {}, file);
    for (const { where, name, job } of jobs) {
      const extra = name === "comment" ? { "pull-requests": "write" } : {};
      const { actions, ...rest } = job.permissions!;
      assert.deepEqual(rest, { contents: "read", ...extra }, where);
      assert.equal(actions, where.startsWith("preview-of-forks") ? "read" : undefined, where);
      assert.ok(job["timeout-minutes"]! <= 60, where);
    }
  });

  it("put nothing into a script: values come through the environment, and stand in quotes", () => {
    for (const it of jobs) {
      for (const run of runsOf(it)) {
        assert.doesNotMatch(run, /\$\{\{/, it.where);
        for (const line of run.split("\n")) {
          const bare = line.replaceAll(/"[^"]*"/g, "").replaceAll(/'[^']*'/g, "");
          assert.doesNotMatch(bare.replace("$packs", ""), /\$(?!\()\w/, `${it.where}: ${line}`);
        }
      }
    }
  });

  it("keep no token in the working tree", () => {
    const checkouts = jobs.flatMap(({ where, job }) =>
      job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@")).map((step) => ({ where, step })),
    );
    assert.equal(checkouts.length, jobs.length);
    for (const { where, step } of checkouts) assert.equal(step.with?.["persist-credentials"], false, where);
  });

  it("run a pull request's code only where nothing can be written", () => {
    for (const { text } of workflows.values()) assert.doesNotMatch(text, /^\s*pull_request_target/m);
    for (const it of jobs.filter(writes)) {
      const checkout = it.job.steps.find(({ uses }) => uses?.startsWith("actions/checkout@"))!;
      const ref = it.file === "preview.yml" ? "${{ github.event.pull_request.base.sha }}" : undefined;
      assert.equal(checkout.with?.ref, ref, it.where);
      assert.equal(JSON.stringify(it.job).includes("secrets."), false, it.where);
    }
  });

  it("give secrets to no pull request from a fork", () => {
    assert.equal(
      job("preview.yml", "preview").if,
      "github.event.pull_request.head.repo.full_name == github.repository",
    );
    const render = job("preview.yml", "render");
    assert.equal(render.if, "github.event.pull_request.head.repo.full_name != github.repository");
    assert.doesNotMatch(JSON.stringify(render), /secrets\.|github\.token/);
  });

  it("take a fork's data as data, out of the way of the program, and the pull request from the event", () => {
    const { steps } = job("preview-of-forks.yml", "comment");
    const download = steps.find(({ uses }) => uses?.startsWith("actions/download-artifact@"))!;
    assert.equal(download.with?.path, "${{ runner.temp }}/head");
    assert.equal(download.with?.["run-id"], "${{ github.event.workflow_run.id }}");
    const readers = steps.filter((step) => JSON.stringify(step.with ?? {}).includes("/head/head.json"));
    assert.equal(readers.length, 1, "only the report reads it");
    assert.equal(readers[0]!.uses, "./.github/actions/preview");
    assert.equal(readers[0]!.with?.head, "${{ runner.temp }}/head/head.json");
    assert.deepEqual(runsOf({ job: job("preview-of-forks.yml", "comment") }), ["npm ci"]);
  });

  it("run the command through the actions, as other repositories do", () => {
    for (const it of jobs) for (const run of runsOf(it)) assert.doesNotMatch(run, /npm run (?!-s policies)/);
    for (const { where, job } of jobs) {
      for (const { uses = "", with: given = {} } of job.steps) {
        const [, name] = /^\.\/\.github\/actions\/(.*)$/.exec(uses) ?? [];
        if (name === undefined) continue;
        const file = path.join(projectDir, ".github/actions", name, "action.yml");
        const { inputs } = parse(readFileSync(file, "utf8")) as {
          inputs: Record<string, { required?: boolean }>;
        };
        const needed = Object.keys(inputs).filter((input) => inputs[input]!.required);
        for (const input of Object.keys(given)) assert.ok(input in inputs, `${where}: ${name}, ${input}`);
        for (const input of needed) assert.ok(input in given, `${where}: ${name} without ${input}`);
      }
    }
  });

  it("are the same on GitLab: preview, update on merge, drift by schedule", () => {
    const text = readFileSync(path.join(projectDir, ".gitlab-ci.yml"), "utf8");
    const { include, update, drift } = parse(text) as {
      include: { local: string; rules: { if: string }[]; inputs: Record<string, string> }[];
    } & Record<"update" | "drift", { rules: { if: string }[]; script: string[] }>;
    assert.deepEqual(
      include.map(({ local, rules, inputs: { stack, engine } }) => [local, rules[0]!.if, stack, engine]),
      [
        ["templates/preview.yml", "$PULUMI_BACKEND_URL", "dev", "pulumi"],
        ["templates/preview.yml", "$PULUMI_BACKEND_URL", "prod", "pulumi"],
        [
          "templates/preview.yml",
          '$PULUMI_BACKEND_URL == null || $PULUMI_BACKEND_URL == ""',
          "dev",
          undefined,
        ],
        [
          "templates/preview.yml",
          '$PULUMI_BACKEND_URL == null || $PULUMI_BACKEND_URL == ""',
          "prod",
          undefined,
        ],
      ],
    );
    const template = readFileSync(path.join(projectDir, "templates/preview.yml"), "utf8");
    const { spec } = parseAllDocuments(template)[0]!.toJS() as { spec: { inputs: Record<string, object> } };
    for (const { inputs } of include)
      for (const input of Object.keys(inputs)) assert.ok(input in spec.inputs, input);
    assert.match(update.rules[0]!.if, /CI_COMMIT_BRANCH == \$CI_DEFAULT_BRANCH/);
    assert.match(update.script.join("\n"), /pulumi up /);
    assert.match(drift.rules[0]!.if, /schedule/);
    assert.match(drift.script.join("\n"), /--refresh --expect-no-changes/);
  });
});

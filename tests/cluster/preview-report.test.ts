import assert from "node:assert/strict";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { type LanguageRuntime, serveLanguageRuntime } from "../../local/engine/language-runtime";
import { record } from "../../recorder";
import { readStack } from "../../cli/stack";
import { type Report, reportOf } from "../../preview/report";
import { readEngineOutput } from "../../preview/sources/engine-output";
import { compareRenders, type Registrations } from "../../preview/sources/renders";
import { testEngine } from "../support/engine";
import { projectDir } from "../support/project";
import { needsNode } from "./support";

type Settings = Record<string, unknown>;

/**
 * The program of this repository through the real engine. The Kubernetes provider writes files instead of asking a cluster, so there is none; what the program reads
 * when the submission has ended (a ledger) is not there then, and an update ends with that error, but does everything else.
 */
describe("a report and the engine", function () {
  this.timeout(600_000);
  const project = readStack(projectDir, "dev");
  const cluster = JSON.parse(project.config["flink-kubernetes:cluster"]!) as Settings;
  const jobs = JSON.parse(project.config["flink-kubernetes:jobs"]!) as Settings[];
  const configOf = (slots: number, list: Settings[]): Record<string, string> => ({
    "flink-kubernetes:cluster": JSON.stringify({
      ...cluster,
      taskManager: { ...(cluster.taskManager as Settings), slots },
    }),
    "flink-kubernetes:jobs": JSON.stringify(list),
  });
  let folder: string;
  let cli: string;
  let runtime: LanguageRuntime | undefined;

  before(async function () {
    needsNode(this);
    const engine = await testEngine();
    cli = engine.cli;
    if (!engine.languageHost)
      runtime = await serveLanguageRuntime(projectDir, {}, new AbortController().signal);
    folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-preview-"));
    const main = {
      name: "flink-kubernetes",
      main: projectDir,
      runtime: runtime ? { name: "client", options: { address: runtime.address } } : "nodejs",
      plugins: { providers: Object.entries(engine.plugins).map(([name, at]) => ({ name, path: at })) },
    };
    writeFileSync(path.join(folder, "Pulumi.yaml"), stringify(main));
    await pulumi("stack", "init", "dev");
  });
  after(() => {
    runtime?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  async function pulumi(...args: string[]) {
    return execa(cli, args, {
      cwd: folder,
      reject: false,
      extendEnv: true,
      env: {
        PATH: [path.dirname(cli), process.env.PATH].join(path.delimiter),
        PULUMI_BACKEND_URL: `file://${folder}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DEBUG_COMMANDS: "true", // without it there is no --event-log
        PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "",
        PULUMI_CONTINUE_ON_ERROR: "true",
        KUBECONFIG: path.join(folder, "none"),
      },
    });
  }

  function use(config: Record<string, string>): void {
    const file = path.join(folder, "Pulumi.dev.yaml");
    const all = { ...config, "kubernetes:renderYamlToDirectory": path.join(folder, "yaml") };
    writeFileSync(file, stringify({ encryptionsalt: salt, config: all }));
  }
  let salt: string | undefined;

  async function logged(...args: string[]): Promise<Report> {
    const file = path.join(folder, "events");
    const { stdout, stderr } = await pulumi(...args, "--stack", "dev", "--event-log", file);
    const preview = await readEngineOutput(createReadStream(file));
    assert.deepEqual(preview.missing, [], `${stdout}\n${stderr}`);
    return reportOf(preview, { stack: "dev" });
  }

  async function rendering(config: Record<string, string>): Promise<Registrations> {
    return (await record({ ...project, config })).registrations(project);
  }

  const operations = ({ objects }: Report) =>
    objects.map(({ operation, urn }) => `${operation} ${urn}`).sort();
  const flinkOf = ({ clusters, jobs: list, requests, dangers }: Report) =>
    JSON.parse(JSON.stringify({ clusters, jobs: list, requests, dangers })) as unknown;

  it("what a preview's report says is what the update then does, and what two renderings say", async () => {
    const { stdout } = await pulumi("config", "set", "--secret", "unused", "x");
    assert.equal(stdout, "");
    salt = /encryptionsalt: (.*)/.exec(
      (await execa("cat", [path.join(folder, "Pulumi.dev.yaml")])).stdout,
    )?.[1];
    const other = jobs.map((job) => ({ ...job, arguments: ["--rate", "3"] }));
    const [before, ...changes] = [configOf(2, jobs), configOf(3, other), configOf(3, [])];
    use(before!);
    await logged("up", "--yes", "--skip-preview");
    let base = await rendering(before!);
    for (const config of changes) {
      use(config);
      const said = await logged("preview");
      const head = await rendering(config);
      assert.deepEqual(flinkOf(reportOf(compareRenders(base, head), { stack: "dev" })), flinkOf(said));
      assert.ok(said.objects.length > 3);
      const did = await logged("up", "--yes", "--skip-preview");
      assert.deepEqual(operations(did), operations(said));
      base = head;
    }
  });
});

import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { firstLines } from "../../local/flink-pods";
import { stagePlugin } from "../../local/package/plugin";
import { objectsIn, testEngine } from "../support/engine";
import { projectDir } from "../support/project";
import { kubeconfig, needsNode } from "./support";

const programs = path.join(projectDir, "tests", "fixtures", "engine", "languages");
const greeting = /Hello, World! \d+/;

/** Programs in other languages, which reach the components through the plugin as it is released. */
describe("a cluster and a job from programs in other languages", function () {
  this.timeout(900_000);
  let scratch: string;
  let cli: string;
  let plugin: string;
  const up: string[] = [];

  before(async function () {
    needsNode(this);
    cli = (await testEngine()).cli;
    scratch = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-languages-"));
    plugin = path.join(scratch, "plugin");
    await stagePlugin(projectDir, plugin);
    // Above the plugin, where the CLI that installs what a plugin needs does not touch it.
    symlinkSync(path.join(projectDir, "node_modules"), path.join(scratch, "node_modules"));
  });
  after(async () => {
    for (const folder of up) await pulumi(folder, "destroy", "--yes", "--skip-preview");
    if (scratch) rmSync(scratch, { recursive: true, force: true });
  });

  async function pulumi(cwd: string, ...args: string[]): Promise<string> {
    const { exitCode, all } = await execa(cli, [...args, "--non-interactive"], {
      cwd,
      all: true,
      reject: false,
      env: {
        PATH: [path.dirname(cli), path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
        PULUMI_BACKEND_URL: `file://${path.join(scratch, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        KUBECONFIG: kubeconfig,
        // What `npm test` says for its own sources.
        TS_NODE_PROJECT: undefined,
      },
    });
    assert.equal(exitCode, 0, all);
    return all;
  }

  /** Leaves out, with the reason, a language that this engine has no host for. */
  function needsHost(context: Mocha.Context, language: string): void {
    if (existsSync(path.join(path.dirname(cli), `pulumi-language-${language}`))) return;
    console.log(`      skipped: there is no pulumi-language-${language} beside ${cli}`);
    context.skip();
  }

  /** A project of its own with the program, and the package added to it. */
  async function project(name: string): Promise<string> {
    const folder = path.join(scratch, name);
    cpSync(path.join(programs, name), folder, { recursive: true });
    mkdirSync(path.join(scratch, "state"), { recursive: true });
    await pulumi(folder, "package", "add", plugin);
    await pulumi(folder, "stack", "init", "test");
    await pulumi(folder, "config", "set", "image", process.env.FLINK_KUBERNETES_TEST_IMAGE!);
    return folder;
  }

  /** Brings the program up, looks at its outputs and at what its job prints, and takes it down again. */
  async function upAndDown(folder: string, namespace: string): Promise<void> {
    up.push(folder);
    await pulumi(folder, "up", "--yes", "--skip-preview");
    const outputs = JSON.parse(await pulumi(folder, "stack", "output", "--json")) as Record<string, string>;
    assert.equal(outputs.phase, "running");
    assert.match(outputs.webUi!, new RegExp(`^http://hello-rest\\.${namespace}\\.svc`));
    const { signal } = new AbortController();
    const lines = await firstLines({ kubeconfig, namespace, cluster: "hello" }, greeting, 1, signal);
    assert.match(lines[0]!, greeting);
    await pulumi(folder, "destroy", "--yes", "--skip-preview");
    up.pop();
    assert.deepEqual(await objectsIn(kubeconfig, namespace), []);
  }

  it("YAML: up, the job runs, and destroy leaves nothing", async function () {
    needsHost(this, "yaml");
    await upAndDown(await project("yaml"), "engine-test-yaml");
  });

  it("Python: a preview knows all that the program makes, up, the job runs, and destroy leaves nothing; mistakes are told together", async function () {
    needsHost(this, "python");
    const folder = await project("python");
    const said = await pulumi(folder, "preview");
    assert.match(said, /hello-jobmanager[^]*greetings-submission/);
    await upAndDown(folder, "engine-test-python");
    const program = path.join(folder, "__main__.py");
    const text = readFileSync(program, "utf8");
    writeFileSync(program, text.replace('"2.2.1"', '"1.9.0"').replace('"slots": 2', '"slots": 0'));
    await assert.rejects(pulumi(folder, "preview"), /flinkVersion = "1\.9\.0"[^]*taskManager\.slots = 0/);
  });
});

import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import type { Engine } from "../../local/engine";
import { buildYamlLanguageHost } from "../../local/engine/build";
import { writeProgram } from "../../local/engine/files";
import { firstLines } from "../../local/flink-pods";
import { stagePlugin } from "../../local/package/plugin";
import { yamlOf } from "../../recorder/yaml";
import { buildContext } from "../support/build";
import { engineFixture, objectsIn, testEngine } from "../support/engine";
import { projectDir } from "../support/project";
import { kubeconfig, needsNode } from "./support";

const namespace = "test-yaml";
const greeting = /Hello, World! \d+/;

/**
 * A program in YAML, which reaches the components through the plugin as it is released. Pulumi's host for YAML is built from its Go module; that for
 * Node, in which the plugin runs, has a stand-in. Nothing serves Pulumi's hosts for Python, Go, C# and Java: those languages are not tested.
 */
describe("a cluster and a job from a program in YAML", function () {
  this.timeout(900_000);
  let scratch: string;
  let engine: Engine;
  let hosts: string[] = [];
  /** Folders of projects that are up. */
  const up: string[] = [];

  before(async function () {
    needsNode(this);
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-languages-"));
    engine = await testEngine();
    if (!engine.languageHost) hosts = [nodeStandIn(scratch), await buildYamlLanguageHost(buildContext)];
    await stagePlugin(projectDir, path.join(scratch, "plugin"));
    // Above the plugin, where what it needs is found without an installation.
    fs.symlinkSync(path.join(projectDir, "node_modules"), path.join(scratch, "node_modules"));
  });
  after(async () => {
    for (const folder of up) await pulumi(folder, "destroy", "--yes", "--skip-preview");
    if (scratch) fs.rmSync(scratch, { recursive: true, force: true });
  });

  /** What the CLI says; it has to succeed. */
  async function pulumi(cwd: string, ...args: string[]): Promise<string> {
    const programs = [path.dirname(engine.cli), ...hosts, path.dirname(process.execPath)];
    const { exitCode, all } = await execa(engine.cli, [...args, "--non-interactive", "--color", "never"], {
      cwd,
      all: true,
      reject: false,
      env: {
        PATH: [...programs, process.env.PATH].join(path.delimiter),
        PULUMI_BACKEND_URL: `file://${path.join(scratch, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        KUBECONFIG: kubeconfig,
        NO_COLOR: "1",
        // What `npm test` says for its own sources.
        TS_NODE_PROJECT: undefined,
      },
    });
    assert.equal(exitCode, 0, all);
    return all;
  }

  /** A project with the program, the plugin as its package, and a stack. */
  async function project(name: string, change = (program: string) => program): Promise<string> {
    const folder = path.join(scratch, name);
    fs.mkdirSync(folder);
    fs.mkdirSync(path.join(scratch, "state"), { recursive: true });
    const program = fs.readFileSync(path.join(engineFixture("yaml"), "Pulumi.yaml"), "utf8");
    const providers = Object.entries(engine.plugins).map(([plugin, at]) => ({ name: plugin, path: at }));
    const added = yamlOf({ packages: { "flink-kubernetes": "../plugin" }, plugins: { providers } });
    fs.writeFileSync(path.join(folder, "Pulumi.yaml"), `${change(program)}${added}`);
    await pulumi(folder, "stack", "init", name);
    await pulumi(folder, "config", "set", "image", process.env.FLINK_KUBERNETES_TEST_IMAGE!);
    return folder;
  }

  it("up, the job runs, up again changes nothing, and destroy leaves nothing", async () => {
    const folder = await project("yaml");
    up.push(folder);
    await pulumi(folder, "up", "--yes", "--skip-preview");
    const outputs = JSON.parse(await pulumi(folder, "stack", "output", "--json")) as Record<string, string>;
    assert.equal(outputs.phase, "running");
    assert.equal(outputs.webUi, `http://hello-rest.${namespace}.svc:8081`);
    const { signal } = new AbortController();
    const lines = await firstLines({ kubeconfig, namespace, cluster: "hello" }, greeting, 1, signal);
    assert.match(lines[0]!, greeting);
    await pulumi(folder, "up", "--yes", "--skip-preview", "--expect-no-changes");
    await pulumi(folder, "destroy", "--yes", "--skip-preview");
    up.pop();
    assert.deepEqual(await objectsIn(kubeconfig, namespace), []);
  });

  it("preview tells values that are wrong together", async () => {
    const folder = await project("values", (program) =>
      program.replace("flinkVersion: 2.2.1", "flinkVersion: 1.9.0").replace("slots: 2", "slots: 0"),
    );
    await assert.rejects(pulumi(folder, "preview"), /flinkVersion = "1\.9\.0"[^]*taskManager\.slots = 0/);
  });

  it("preview tells arguments that there are not together, with their lines", async () => {
    const folder = await project("arguments", (program) =>
      program.replace("slots:", "slotz:").replace("upgradeMode:", "upgradeModus:"),
    );
    await assert.rejects(
      pulumi(folder, "preview"),
      /slotz does not exist on[^]*on Pulumi\.yaml line \d+[^]*upgradeModus does not exist on[^]*on Pulumi\.yaml line \d+/,
    );
  });
});

/** A folder with the stand-in under the name that the engine looks for. */
function nodeStandIn(scratch: string): string {
  const folder = path.join(scratch, "hosts");
  const script = path.join(projectDir, "tests", "support", "language-host", "nodejs.mjs");
  writeProgram(path.join(folder, "pulumi-language-nodejs"), [process.execPath, script]);
  return folder;
}

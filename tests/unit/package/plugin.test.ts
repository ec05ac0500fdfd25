import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import type { Lock } from "../../../local/package/lock";
import { readManifest } from "../../../local/package/manifest";
import { tagRelease } from "../../../local/package/release";
import { projectDir } from "../../support/project";
import { type Plugin, startPlugin } from "./support";

const load = createRequire(__filename);
const cluster = "flink-kubernetes:index:FlinkCluster";
const { version } = readManifest(projectDir, "components");

describe("a release for every Pulumi language: a tag whose tree is the plugin", function () {
  this.timeout(600_000);
  let scratch: string;
  let repository: string;
  let clone: string;
  let plugin: Plugin | undefined;

  const git = (args: string[], cwd = repository) => execa("git", args, { cwd });

  before(async () => {
    scratch = mkdtempSync(path.join(tmpdir(), "flink-kubernetes-release-"));
    repository = path.join(scratch, "repository");
    for (const name of [
      "components",
      "policies",
      "package.json",
      "package-lock.json",
      "tsconfig.json",
      "LICENSE",
    ]) {
      cpSync(path.join(projectDir, name), path.join(repository, name), {
        recursive: true,
        filter: (file) => !/\/(node_modules|bin)$/.test(file),
      });
    }
    writeFileSync(path.join(repository, "CHANGELOG.md"), `# Changelog\n\n## ${version}\n\n- New.\n`);
    symlinkSync(path.join(projectDir, "node_modules"), path.join(repository, "node_modules"));
    await git(["init", "--quiet", "--initial-branch", "main"]);
    await git(["config", "user.name", "Somebody"]);
    await git(["config", "user.email", "somebody@example.com"]);
    writeFileSync(path.join(repository, ".gitignore"), "node_modules\n*.log\n");
    await git(["add", "--all"]);
    await git(["commit", "--quiet", "--message", "Sources"]);
    await tagRelease(repository, version);
    clone = path.join(scratch, "clone");
    await git(
      ["clone", "--quiet", "--depth", "1", "--branch", `v${version}`, `file://${repository}`, clone],
      scratch,
    );
  });

  after(() => {
    plugin?.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  it("leaves branch and working tree as they were", async () => {
    assert.equal((await git(["status", "--porcelain"])).stdout, "");
    assert.equal((await git(["log", "--format=%s", "main"])).stdout, "Sources");
    assert.equal((await git(["log", "--format=%s", `v${version}^`])).stdout, "Sources");
  });

  it("stands alone: its sources, their compiled code, its own settings, and a lock file of what it needs", () => {
    for (const file of [
      "PulumiPlugin.yaml",
      "tsconfig.json",
      "index.ts",
      "bin/plugin.js",
      "bin/submitter/SqlScript.class",
      "bin/submitter/flink_kubernetes_job.py",
      "bin/submitter/submit.sh",
    ]) {
      assert.ok(existsSync(path.join(clone, file)), file);
    }
    const { dependencies } = readManifest(clone, "");
    const { dependencies: own } = readManifest(projectDir, "");
    assert.deepEqual(dependencies, {
      "@pulumi/kubernetes": own?.["@pulumi/kubernetes"],
      "@pulumi/pulumi": own?.["@pulumi/pulumi"],
      "@pulumi/random": own?.["@pulumi/random"],
    });
    const lock = JSON.parse(readFileSync(path.join(clone, "package-lock.json"), "utf8")) as Lock;
    assert.deepEqual(lock.packages[""]!.dependencies, dependencies);
    assert.ok(!Object.keys(lock.packages).some((name) => /mocha|eslint|fast-check|listr2/.test(name)));
  });

  it("has settings that the compiler understands which comes with Pulumi's SDK", () => {
    const old = load("@pulumi/pulumi/vendor/typescript@3.8.3/typescript.js") as typeof import("typescript");
    const { config } = old.readConfigFile(path.join(clone, "tsconfig.json"), (file) =>
      old.sys.readFile(file),
    );
    const parsed = old.parseJsonConfigFileContent(config, old.sys, clone);
    assert.deepEqual(
      parsed.errors.map(({ messageText }) => messageText),
      [],
    );
  });

  it("installs from its lock file (only with FLINK_KUBERNETES_TEST_RANGES=1)", async function () {
    if (process.env.FLINK_KUBERNETES_TEST_RANGES !== "1") this.skip();
    await execa("npm", ["ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--loglevel=error"], {
      cwd: clone,
    });
  });

  it("serves its schema, with every component and the docs, without a compiler", async () => {
    const modules = path.join(clone, "node_modules");
    if (!existsSync(modules)) symlinkSync(path.join(projectDir, "node_modules"), modules);
    // What `npm test` says for its own sources.
    plugin = await startPlugin(clone, modules);
    const schema = JSON.parse(await plugin.schema()) as {
      version: string;
      resources: Record<string, { inputProperties: Record<string, { description?: string }> }>;
    };
    assert.equal(schema.version, version);
    assert.deepEqual(Object.keys(schema.resources).sort(), [
      "flink-kubernetes:index:FlinkApplication",
      cluster,
      "flink-kubernetes:index:FlinkJob",
    ]);
    assert.match(schema.resources[cluster].inputProperties.flinkVersion.description ?? "", /Flink/);
  });

  it("constructs a cluster and a job on it, and gives their outputs", async () => {
    const { connection } = await plugin!.construct(cluster, "orders", { flinkVersion: "2.2.1" });
    await plugin!.construct("flink-kubernetes:index:FlinkJob", "totals", {
      cluster: connection,
      jar: "/opt/flink/usrlib/totals.jar",
      upgradeMode: "stateless",
    });
    for (const name of ["orders-jobmanager", "totals-submit"]) {
      assert.ok(
        plugin!.registered.some((one) => one.startsWith(name)),
        plugin!.registered.join("\n"),
      );
    }
  });

  it("refuses bad arguments with all of them in one error, and components that it does not have", async () => {
    const wrong = plugin!.construct(cluster, "wrong", { flinkVersion: "0.1.0", taskManager: { slots: 0 } });
    await assert.rejects(wrong, /- flinkVersion = "0\.1\.0"[^]*- taskManager\.slots = 0/);
    await assert.rejects(
      plugin!.construct("flink-kubernetes:index:FlinkPod", "none", {}),
      /There is no component flink-kubernetes:index:FlinkPod .*:FlinkCluster/,
    );
  });

  it("is not made of another version, of what is not committed, without an entry in the changelog, or twice", async () => {
    writeFileSync(path.join(repository, "components", "new.ts"), "export {};\n");
    writeFileSync(path.join(repository, "CHANGELOG.md"), "# Changelog\n");
    const actions = async (wanted: string) => {
      const error = await tagRelease(repository, wanted).catch((reason: unknown) => reason);
      return (error as { actions: string[] }).actions;
    };
    assert.deepEqual(await actions(version), [
      `CHANGELOG.md has no heading "## ${version}".`,
      "There are changes that are not committed.",
      `The tag v${version} is there already.`,
    ]);
    assert.deepEqual((await actions("9.0.0")).slice(0, 2), [
      `components/package.json says ${version}: write 9.0.0 there.`,
      `policies/package.json says ${version}: write 9.0.0 there.`,
    ]);
  });
});

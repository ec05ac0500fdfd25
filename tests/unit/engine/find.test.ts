import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import type { BuildContext } from "../../../local/cache";
import { type Engine, findEngine, type FindOptions } from "../../../local/engine";
import { projectDir } from "../../support/project";

describe("finding a Pulumi engine", () => {
  let folder: string;
  let built: string[];
  const before = process.env;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-find-"));
    built = [];
    process.env = {
      ...before,
      PATH: `${bin()}:/usr/bin:/bin`,
      PULUMI_HOME: home(),
      FLINK_KUBERNETES_CACHE: path.join(folder, "cache"),
    };
    program(path.join(folder, "built", "pulumi"), "echo v3.274.1");
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
    process.env = before;
  });

  const bin = () => path.join(folder, "bin");
  const home = () => path.join(folder, "home");
  const program = (file: string, script: string) => {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  };
  /** A stand-in for the CLI that logs how it is called; `onInstall` is what `pulumi plugin install` does. */
  const cli = (onInstall = "exit 1", version = "v3.260.0", file = path.join(bin(), "pulumi")) =>
    program(
      file,
      `echo "$@" >> ${folder}/calls; [ "$1" = version ] && { echo ${version}; exit; }; ${onInstall}`,
    );
  const installs = () => {
    const calls = fs.readFileSync(path.join(folder, "calls"), "utf8").trim().split("\n");
    return calls.filter((call) => call.startsWith("plugin install"));
  };
  const versionOf = (name: string) => {
    const manifest = path.join(projectDir, "node_modules", name, "package.json");
    return (JSON.parse(fs.readFileSync(manifest, "utf8")) as { version: string }).version;
  };
  const pluginFile = (name: string, version = versionOf(`@pulumi/${name}`)) =>
    path.join(home(), "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`);
  const log = () => fs.readFileSync(path.join(folder, "log"), "utf8");

  /** Looks with builders that only note that they were asked. */
  function find(options: FindOptions = {}, signal = new AbortController().signal): Promise<Engine> {
    const c: BuildContext = { log: path.join(folder, "log"), report: () => undefined, signal };
    const build = (what: string, gives: string) => async () => {
      built.push(what);
      return gives;
    };
    const builders = {
      cli: build("cli", path.join(folder, "built", "pulumi")),
      kubernetes: build("kubernetes", path.join(folder, "built")),
    };
    return findEngine(c, { builders, ...options });
  }

  it("takes a CLI on PATH that has its language host and both plugins, and fetches and builds nothing", async () => {
    cli();
    program(path.join(bin(), "pulumi-language-nodejs"), "");
    program(pluginFile("kubernetes"), "");
    program(pluginFile("random"), "");
    const file = path.join(bin(), "pulumi");
    assert.deepEqual(await find(), {
      cli: file,
      version: "3.260.0",
      origin: `${file} (on PATH)`,
      languageHost: true,
      plugins: {},
      remarks: [],
    });
    assert.deepEqual(installs(), []);
    assert.deepEqual(built, []);
  });

  it("says so when a CLI on PATH is too old, and looks further", async () => {
    cli("exit 1", "v3.100.0");
    const found = await find({ fetchWithin: 0 });
    assert.equal(found.version, "3.274.1");
    assert.match(found.origin, /built/);
    assert.match(found.remarks[0]!, /bin\/pulumi is Pulumi 3\.100\.0, which is older than 3\.220\.0/);
  });

  it("does not take the wrapper in node_modules for a CLI on PATH", async () => {
    process.env.PATH = `${path.join(projectDir, "node_modules", ".bin")}:${process.env.PATH}`;
    assert.match((await find({ fetchWithin: 0 })).origin, /built/);
  });

  it("takes the CLI that the npm package has fetched before", async () => {
    const file = path.join(home(), "versions", versionOf("pulumi"), "bin", "pulumi");
    cli("exit 1", "v3.265.0", file);
    const found = await find({ fetchWithin: 0 });
    assert.deepEqual([found.cli, found.version], [file, "3.265.0"]);
    assert.match(found.origin, /^the npm package pulumi/);
    assert.deepEqual(built, ["kubernetes"]);
  });

  it("fetches the plugins that are missing", async () => {
    const random = pluginFile("random");
    cli(`case "$4" in random) mkdir -p ${path.dirname(random)}; cp "$0" ${random};; *) exit 1;; esac`);
    program(pluginFile("kubernetes"), "");
    const { plugins, remarks } = await find();
    assert.deepEqual(installs(), [
      `plugin install resource random v${versionOf("@pulumi/random")} --non-interactive`,
    ]);
    assert.deepEqual([plugins, remarks, built], [{}, [], []]);
  });

  it("does not take a plugin of another version for the one that is needed", async () => {
    cli();
    program(pluginFile("kubernetes", "4.0.0"), "");
    const { plugins } = await find({ fetchWithin: 0 });
    assert.equal(plugins.kubernetes, path.join(folder, "built"));
  });

  it("builds the Kubernetes provider, and has a stand-in for the random one, where they cannot be fetched, and says so", async () => {
    cli("echo 'error: could not reach the server' >&2; exit 255");
    const { plugins, remarks, languageHost } = await find();
    assert.deepEqual(built, ["kubernetes"]);
    assert.equal(languageHost, false);
    assert.equal(plugins.kubernetes, path.join(folder, "built"));
    assert.ok(fs.statSync(path.join(plugins.random!, "pulumi-resource-random")).mode & 0o100);
    assert.equal(remarks.length, 2);
    assert.match(remarks[0]!, /^Kubernetes provider .*, built from its Go module: .* cannot be fetched here/);
    assert.match(remarks[1]!, /^A stand-in makes random passwords/);
    assert.match(log(), /plugin random .* could not be fetched: error: could not reach the server/);
  });

  it("has the random provider itself where it is installed", async () => {
    cli();
    program(pluginFile("random"), "");
    const { plugins, remarks } = await find({ fetchWithin: 0 });
    assert.equal(plugins.random, undefined);
    assert.doesNotMatch(remarks.join("\n"), /stand-in/);
  });

  it("does not try a failed fetch again for a while, unless it is told to", async () => {
    cli("exit 255");
    program(pluginFile("kubernetes"), "");
    await find();
    await find();
    assert.equal(installs().length, 1);
    await find({ retry: true });
    assert.equal(installs().length, 2);
  });

  it("gives up in time when a download hangs, and ends all its processes", async () => {
    cli(`sleep 600 & echo $! > ${folder}/sleeper; wait`);
    const start = Date.now();
    const { plugins } = await find({ fetchWithin: 500 });
    assert.ok(Date.now() - start < 10_000);
    assert.equal(plugins.kubernetes, path.join(folder, "built"));
    assert.match(log(), /plugin kubernetes .* could not be fetched: no answer within/);
    await hasEnded(Number(fs.readFileSync(path.join(folder, "sleeper"), "utf8")));
  });

  it("ends a download when it is interrupted, and does not remember that as a failure", async () => {
    cli(`sleep 600 & echo $! > ${folder}/sleeper; wait`);
    const interrupt = new AbortController();
    const finding = find({}, interrupt.signal);
    finding.catch(() => undefined);
    const sleeper = path.join(folder, "sleeper");
    while (!fs.existsSync(sleeper) || fs.readFileSync(sleeper, "utf8") === "") await setTimeout(10);
    interrupt.abort();
    await assert.rejects(finding, { name: "AbortError" });
    await hasEnded(Number(fs.readFileSync(sleeper, "utf8")));
    assert.deepEqual(built, []);
    cli();
    await find();
    assert.ok(installs().length > 1, "it is tried again");
  });

  /** Its end of the pipe is closed, so it is on its way out; the kernel may need a moment more. */
  async function hasEnded(pid: number): Promise<void> {
    for (const limit = Date.now() + 5000; !ended(pid) && Date.now() < limit;) await setTimeout(10);
    assert.ok(ended(pid), `process ${pid} has ended`);
  }
});

/** Gone, or only waiting for its parent to ask how it ended. */
function ended(pid: number): boolean {
  const status = `/proc/${pid}/stat`;
  return !fs.existsSync(status) || /\) Z /.test(fs.readFileSync(status, "utf8"));
}

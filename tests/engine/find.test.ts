import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { findEngine } from "../../local/engine";
import { projectDir, TemporaryCache } from "./support";

describe("finding a Pulumi engine", () => {
  let cache: TemporaryCache;
  let home: string;
  const before = { PATH: process.env.PATH, PULUMI_HOME: process.env.PULUMI_HOME };

  beforeEach(() => {
    cache = new TemporaryCache();
    home = path.join(cache.folder, "home");
    Object.assign(process.env, { PATH: `${bin()}:/usr/bin:/bin`, PULUMI_HOME: home });
  });
  afterEach(() => {
    cache.remove();
    process.env.PATH = before.PATH;
    if (before.PULUMI_HOME === undefined) delete process.env.PULUMI_HOME;
    else process.env.PULUMI_HOME = before.PULUMI_HOME;
  });

  const bin = () => path.join(cache.folder, "bin");
  const program = (file: string, script: string) => {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  };
  /** A stand-in for the CLI that logs how it is called; `onInstall` is what `pulumi plugin install` does. */
  const cli = (onInstall: string) =>
    program(
      path.join(bin(), "pulumi"),
      `echo "$@" >> ${cache.folder}/calls; [ "$1" = version ] && { echo v3.260.0; exit; }; ${onInstall}`,
    );
  const calls = () => fs.readFileSync(path.join(cache.folder, "calls"), "utf8").trim().split("\n");
  const plugin = (name: string) => {
    const manifest = path.join(projectDir, "node_modules", "@pulumi", name, "package.json");
    const { version } = JSON.parse(fs.readFileSync(manifest, "utf8")) as { version: string };
    program(path.join(home, "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`), "");
  };

  it("takes a CLI on PATH that has its language host and both plugins, and fetches nothing", async () => {
    cli("exit 1");
    program(path.join(bin(), "pulumi-language-nodejs"), "");
    plugin("kubernetes");
    plugin("random");
    const found = await findEngine();
    assert.deepEqual(found, {
      cli: path.join(bin(), "pulumi"),
      version: "3.260.0",
      origin: `${path.join(bin(), "pulumi")} (on PATH)`,
    });
    assert.deepEqual(calls(), ["version"]);
  });

  it("says that the language host is missing", async () => {
    cli("exit 1");
    const found = await findEngine();
    assert.ok("missing" in found);
    assert.match(found.missing, /^pulumi-language-nodejs is neither beside .* nor on PATH$/);
  });

  it("fetches missing plugins with the CLI, and does not try a failed fetch again for a while", async () => {
    cli("echo 'error: could not reach the server' >&2; exit 255");
    program(path.join(bin(), "pulumi-language-nodejs"), "");
    plugin("kubernetes");
    const missing =
      "the Pulumi plugin random 4.21.2 is not installed and could not be fetched (error: could not reach the server)";
    assert.deepEqual(await findEngine(), { missing });
    assert.deepEqual(await findEngine(), { missing });
    const installs = () => calls().filter((call) => call.startsWith("plugin install"));
    assert.deepEqual(installs(), ["plugin install resource random v4.21.2 --non-interactive"]);
    assert.deepEqual(await findEngine({ retry: true }), { missing });
    assert.equal(installs().length, 2);
  });

  it("gives up in time when a download hangs, and ends all its processes", async () => {
    cli(`sleep 600 & echo $! > ${cache.folder}/sleeper; wait`);
    program(path.join(bin(), "pulumi-language-nodejs"), "");
    const start = Date.now();
    const found = await findEngine({ fetchWithin: 500 });
    assert.ok("missing" in found);
    assert.match(found.missing, /plugin kubernetes .* could not be fetched \(no answer within/);
    assert.ok(Date.now() - start < 10_000);
    const sleeper = Number(fs.readFileSync(path.join(cache.folder, "sleeper"), "utf8"));
    // Its end of the pipe is closed, so it is on its way out; the kernel may need a moment more.
    for (const limit = Date.now() + 5000; !ended(sleeper) && Date.now() < limit;) await setTimeout(10);
    assert.ok(ended(sleeper), `process ${sleeper} has ended`);
  });

  it("does not take the wrapper in node_modules for a CLI on PATH", async () => {
    fs.mkdirSync(bin(), { recursive: true });
    process.env.PATH = `${path.join(projectDir, "node_modules", ".bin")}:${process.env.PATH}`;
    const found = await findEngine({ fetchWithin: 0 });
    assert.ok("missing" in found);
    assert.match(found.missing, /^the Pulumi CLI [\d.]+ is not installed$/);
  });

  it("takes the CLI that the npm package has fetched before", async () => {
    const manifest = path.join(projectDir, "node_modules", "pulumi", "package.json");
    const { version } = JSON.parse(fs.readFileSync(manifest, "utf8")) as { version: string };
    const folder = path.join(home, "versions", version, "bin");
    program(path.join(folder, "pulumi"), "echo v3.265.0");
    program(path.join(folder, "pulumi-language-nodejs"), "");
    plugin("kubernetes");
    plugin("random");
    const found = await findEngine();
    assert.ok(!("missing" in found));
    assert.equal(found.cli, path.join(folder, "pulumi"));
  });
});

/** Gone, or only waiting for its parent to ask how it ended. */
function ended(pid: number): boolean {
  const status = `/proc/${pid}/stat`;
  return !fs.existsSync(status) || /\) Z /.test(fs.readFileSync(status, "utf8"));
}

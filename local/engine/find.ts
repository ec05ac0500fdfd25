import { type ChildProcess, execFile, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../cache";

/** A Pulumi CLI with everything that this project's program needs beside it. */
export interface Engine {
  /** Absolute path of the CLI, symbolic links resolved: its language hosts are in the same folder. */
  cli: string;
  version: string;
  /** For people: where the CLI was found. */
  origin: string;
}

export interface FindOptions {
  /** Folder whose node_modules has the SDKs and the npm package `pulumi`. Default: this repository. */
  projectDir?: string;
  /** Tries to fetch what is missing although that failed a short while ago. */
  retry?: boolean;
  /** Longest time that fetching may take, in milliseconds. Default 30 s; 0 fetches nothing. */
  fetchWithin?: number;
  report?(line: string): void;
  signal?: AbortSignal;
}

/** How long a failed fetch is remembered, in milliseconds: long enough that nobody waits for it at every start. */
const REMEMBER_FAILURE = 6 * 3600_000;
const LANGUAGE_HOST = "pulumi-language-nodejs";
const run = promisify(execFile);

/** The engine that `npm start` can use, or one line that says what is missing. */
export async function findEngine(options: FindOptions = {}): Promise<Engine | { missing: string }> {
  const projectDir = options.projectDir ?? path.dirname(path.dirname(__dirname));
  const fetching = new Fetching(options);
  try {
    const found = cliOnPath() ?? (await cliOfWrapper(projectDir, fetching));
    const cli = fs.realpathSync(found.cli);
    if (!executable(path.join(path.dirname(cli), LANGUAGE_HOST)) && !onPath(LANGUAGE_HOST)) {
      return { missing: `${LANGUAGE_HOST} is neither beside ${cli} nor on PATH` };
    }
    const { stdout } = await run(cli, ["version"], { env: quiet(process.env), signal: options.signal });
    for (const plugin of providerPlugins(projectDir)) {
      if (!isInstalled(plugin)) await fetching.plugin(cli, plugin);
    }
    return { cli, version: stdout.trim().replace(/^v/, ""), origin: found.origin };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { missing: (error as Error).message.split("\n")[0]! };
  }
}

interface Found {
  cli: string;
  origin: string;
}

/** npm puts node_modules/.bin on PATH, where the wrapper's `pulumi` is: that one downloads, so it does not count here. */
function cliOnPath(): Found | undefined {
  const cli = onPath("pulumi");
  return cli ? { cli, origin: `${cli} (on PATH)` } : undefined;
}

function onPath(program: string): string | undefined {
  return (process.env.PATH ?? "")
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, program))
    .find(
      (file) => executable(file) && !fs.realpathSync(file).includes(`${path.sep}node_modules${path.sep}`),
    );
}

function executable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The CLI that the npm package `pulumi` keeps in Pulumi's home folder, fetched by that package if it is not there. */
async function cliOfWrapper(projectDir: string, fetching: Fetching): Promise<Found> {
  const wrapper = path.join(projectDir, "node_modules", "pulumi");
  if (!fs.existsSync(wrapper)) {
    throw new Error("there is no pulumi on PATH, and the npm package pulumi is not installed");
  }
  const { version } = readJson(path.join(wrapper, "package.json")) as { version: string };
  const cli = path.join(pulumiHome(), "versions", version, "bin", "pulumi");
  if (!executable(cli)) {
    await fetching.cli(wrapper, version).catch((error: unknown) => {
      // The wrapper takes any file of this name for a complete one.
      fs.rmSync(path.dirname(path.dirname(cli)), { recursive: true, force: true });
      throw error;
    });
  }
  return { cli, origin: `the npm package pulumi (${cli})` };
}

interface Plugin {
  name: string;
  version: string;
}

function providerPlugins(projectDir: string): Plugin[] {
  return ["kubernetes", "random"].map((name) => {
    const manifest = path.join(projectDir, "node_modules", "@pulumi", name, "package.json");
    return { name, version: (readJson(manifest) as { version: string }).version };
  });
}

function isInstalled({ name, version }: Plugin): boolean {
  return executable(
    path.join(pulumiHome(), "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`),
  );
}

function pulumiHome(): string {
  return process.env.PULUMI_HOME || path.join(os.homedir(), ".pulumi");
}

function quiet(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_AUTOMATION_API: "true" };
}

function readJson(file: string): unknown {
  return JSON.parse(fs.readFileSync(file, "utf8"));
}

/** Everything that may use the network: one time limit for all of it, and a memory of failures. */
class Fetching {
  private readonly memory = path.join(cacheFolder(), "engine", "fetch-failed.json");
  private readonly within: number;
  private deadline?: number;

  constructor(private readonly options: FindOptions) {
    this.within = options.fetchWithin ?? 30_000;
  }

  cli(wrapper: string, version: string): Promise<void> {
    const script =
      "require(process.argv[1]).resolve().catch((e) => { console.error(e.message); process.exit(1); })";
    return this.fetch(`the Pulumi CLI ${version}`, process.execPath, [
      "-e",
      script,
      path.join(wrapper, "lib", "resolve.js"),
    ]);
  }

  plugin(cli: string, { name, version }: Plugin): Promise<void> {
    const args = ["plugin", "install", "resource", name, `v${version}`, "--non-interactive"];
    return this.fetch(`the Pulumi plugin ${name} ${version}`, cli, args);
  }

  private async fetch(what: string, command: string, args: string[]): Promise<void> {
    const failedBefore = this.recall(what);
    if (failedBefore !== undefined) throw new Error(failedBefore);
    if (this.within <= 0) throw new Error(`${what} is not installed`);
    this.options.report?.(`fetching ${what}`);
    this.deadline ??= Date.now() + this.within;
    const problem = await this.runLimited(command, args, Math.max(1, this.deadline - Date.now()));
    this.options.signal?.throwIfAborted();
    if (problem === undefined) {
      fs.rmSync(this.memory, { force: true });
      return;
    }
    const reason = `${what} is not installed and could not be fetched (${problem})`;
    fs.mkdirSync(path.dirname(this.memory), { recursive: true });
    fs.writeFileSync(this.memory, JSON.stringify({ what, home: pulumiHome(), at: Date.now(), reason }));
    throw new Error(reason);
  }

  private recall(what: string): string | undefined {
    if (this.options.retry || !fs.existsSync(this.memory)) return undefined;
    try {
      const last = readJson(this.memory) as { what: string; home: string; at: number; reason: string };
      const same = last.what === what && last.home === pulumiHome();
      return same && Date.now() - last.at < REMEMBER_FAILURE ? last.reason : undefined;
    } catch {
      return undefined; // half-written by a run that was killed
    }
  }

  /** What went wrong, in one line; `undefined` if nothing. */
  private runLimited(command: string, args: string[], milliseconds: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      const limit = AbortSignal.timeout(milliseconds);
      // A group of its own: the wrapper runs a shell script that runs a download, and all of it has to end.
      const child = spawn(command, args, {
        detached: true,
        stdio: ["ignore", "ignore", "pipe"],
        env: quiet(process.env),
      });
      const stop = () => killGroup(child);
      limit.addEventListener("abort", stop);
      this.options.signal?.addEventListener("abort", stop);
      let errors = "";
      child.stderr.on("data", (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)));
      child.on("error", (error) => (errors += error.message));
      child.on("close", (code) => {
        limit.removeEventListener("abort", stop);
        this.options.signal?.removeEventListener("abort", stop);
        if (code === 0) resolve(undefined);
        else if (limit.aborted) resolve(`no answer within ${Math.round(this.within / 1000)} s`);
        else resolve(errors.trim().split("\n").pop()?.trim() || `exit code ${code}`);
      });
    });
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

import { type ChildProcess, execFile, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { type BuildContext, cacheFolder, contentKey } from "../cache";
import { buildCli, buildKubernetesProvider, KUBERNETES_PROVIDER_VERSION } from "./build";
import { writeProgram } from "./files";

/** A Pulumi CLI with all plugins for this project's program. */
export interface Engine {
  /** Absolute path of the CLI without symbolic links. Its language hosts are in the same folder. */
  cli: string;
  version: string;
  /** The source of the CLI, for messages. */
  origin: string;
  /** Whether Pulumi's language host for Node exists. Otherwise language-runtime.ts runs the program. */
  languageHost: boolean;
  /** Folders of provider plugins outside of Pulumi's home, by the provider's name. */
  plugins: Partial<Record<ProviderName, string>>;
  /** Differences to Pulumi's own downloads, one line each, for messages. */
  remarks: string[];
}

type ProviderName = "kubernetes" | "random";

export interface FindOptions {
  /**
   * Folder with node_modules that contain the SDKs and the npm package `pulumi`. Default: this repository.
   */
  projectDir?: string;
  /** Fetches missing parts even if this failed recently. */
  retry?: boolean;
  /** Time limit for fetching, in milliseconds. Default: 30 s; 0 fetches nothing. */
  fetchWithin?: number;
  /** Compiles parts that can be neither found nor fetched. Default: from Go modules, into the cache. */
  builders?: Builders;
}

export interface Builders {
  /** Returns the path of the CLI. */
  cli(c: BuildContext): Promise<string>;
  /** Returns the folder of the plugin. */
  kubernetes(c: BuildContext): Promise<string>;
}

/** The oldest CLI that is compatible with the package's range of SDKs. */
const OLDEST = [3, 220];
/** Milliseconds before a failed fetch is tried again, so that users do not wait for it at every start. */
const REMEMBER_FAILURE = 6 * 3600_000;
const LANGUAGE_HOST = "pulumi-language-nodejs";
const run = promisify(execFile);

/**
 * Finds the engine of this machine: a recent CLI on PATH, else the download of the npm package `pulumi`, else
 * a build. The same for the Kubernetes provider. The random provider cannot be built, so if it cannot be
 * fetched, a stand-in generates the passwords.
 */
export async function findEngine(c: BuildContext, options: FindOptions = {}): Promise<Engine> {
  const projectDir = options.projectDir ?? path.dirname(path.dirname(__dirname));
  const { builders = { cli: buildCli, kubernetes: buildKubernetesProvider } } = options;
  const fetching = new Fetching(c, options);
  const remarks: string[] = [];
  const found =
    (await cliOnPath(remarks)) ?? (await cliOfWrapper(projectDir, fetching)) ?? (await builtCli(builders, c));
  const cli = fs.realpathSync(found.cli);
  const plugins: Engine["plugins"] = {};
  for (const plugin of providerPlugins(projectDir)) {
    if (isInstalled(plugin) || (await fetching.plugin(cli, plugin))) continue;
    if (plugin.name === "kubernetes") {
      plugins.kubernetes = await builders.kubernetes(c);
      remarks.push(
        `Kubernetes provider ${KUBERNETES_PROVIDER_VERSION}, built from its Go module: ${plugin.version} cannot be fetched here.`,
      );
    } else {
      plugins.random = standIn();
      remarks.push("A stand-in makes random passwords: Pulumi's random provider cannot be fetched here.");
    }
  }
  const languageHost =
    executable(path.join(path.dirname(cli), LANGUAGE_HOST)) || onPath(LANGUAGE_HOST) !== undefined;
  return { ...found, cli, version: await versionOf(cli), languageHost, plugins, remarks };
}

interface Found {
  cli: string;
  origin: string;
}

async function builtCli(builders: Builders, c: BuildContext): Promise<Found> {
  return { cli: await builders.cli(c), origin: "built from its Go module" };
}

async function versionOf(cli: string): Promise<string> {
  const { stdout } = await run(cli, ["version"], { env: quiet(process.env) });
  return stdout.trim().replace(/^v/, "");
}

/** A folder with the stand-in in the form of a plugin. */
function standIn(): string {
  const script = path.join(__dirname, "random-stand-in.mjs");
  const folder = path.join(
    cacheFolder(),
    `random-stand-in-${contentKey({ node: process.execPath, script })}`,
  );
  writeProgram(path.join(folder, "pulumi-resource-random"), [process.execPath, script]);
  return folder;
}

/** Skips node_modules/.bin, which npm adds to PATH: its `pulumi` is the wrapper that downloads. */
async function cliOnPath(remarks: string[]): Promise<Found | undefined> {
  const cli = onPath("pulumi");
  if (!cli) return undefined;
  const version = await versionOf(cli);
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0]! || (major === OLDEST[0] && minor >= OLDEST[1]!)) {
    return { cli, origin: `${cli} (on PATH)` };
  }
  remarks.push(
    `${cli} is Pulumi ${version}, which is older than ${OLDEST.join(".")}.0: it is not used. Update it, or leave it.`,
  );
  return undefined;
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

/** The CLI of the npm package `pulumi` in Pulumi's home folder. The package fetches it if it is missing. */
async function cliOfWrapper(projectDir: string, fetching: Fetching): Promise<Found | undefined> {
  const wrapper = path.join(projectDir, "node_modules", "pulumi");
  if (!fs.existsSync(wrapper)) return undefined;
  const { version } = readJson(path.join(wrapper, "package.json")) as { version: string };
  const cli = path.join(pulumiHome(), "versions", version, "bin", "pulumi");
  if (!executable(cli) && !(await fetching.cli(wrapper, version))) {
    // The wrapper does not check whether a file of this name is complete.
    fs.rmSync(path.dirname(path.dirname(cli)), { recursive: true, force: true });
    return undefined;
  }
  return { cli, origin: `the npm package pulumi (${cli})` };
}

interface Plugin {
  name: ProviderName;
  version: string;
}

function providerPlugins(projectDir: string): Plugin[] {
  return (["kubernetes", "random"] as const).map((name) => {
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

/** Downloads, with one common time limit and a memory of failures. */
class Fetching {
  private readonly memory = path.join(cacheFolder(), "engine", "fetch-failed.json");
  private readonly within: number;
  private deadline?: number;

  constructor(
    private readonly context: BuildContext,
    private readonly options: FindOptions,
  ) {
    this.within = options.fetchWithin ?? 30_000;
  }

  cli(wrapper: string, version: string): Promise<boolean> {
    const script =
      "require(process.argv[1]).resolve().catch((e) => { console.error(e.message); process.exit(1); })";
    const args = ["-e", script, path.join(wrapper, "lib", "resolve.js")];
    return this.fetch(`the Pulumi CLI ${version}`, process.execPath, args);
  }

  plugin(cli: string, { name, version }: Plugin): Promise<boolean> {
    const args = ["plugin", "install", "resource", name, `v${version}`, "--non-interactive"];
    return this.fetch(`the Pulumi plugin ${name} ${version}`, cli, args);
  }

  /** Whether it exists now. The log contains the error. */
  private async fetch(what: string, command: string, args: string[]): Promise<boolean> {
    const { log, report, signal } = this.context;
    const failed = this.failures();
    const isKnown = failed[what] !== undefined && Date.now() - failed[what] < REMEMBER_FAILURE;
    if (this.within <= 0 || (isKnown && !this.options.retry)) return false;
    report(`fetching ${what}`);
    this.deadline ??= Date.now() + this.within;
    const problem = await this.runLimited(command, args, Math.max(1, this.deadline - Date.now()));
    signal.throwIfAborted();
    if (problem === undefined) return true;
    fs.mkdirSync(path.dirname(log), { recursive: true });
    fs.appendFileSync(log, `${what} could not be fetched: ${problem}\n`);
    report(`${what} could not be fetched (${problem})`);
    fs.mkdirSync(path.dirname(this.memory), { recursive: true });
    fs.writeFileSync(this.memory, JSON.stringify({ ...failed, [what]: Date.now() }));
    return false;
  }

  /** Times of failed fetches by name, in milliseconds since 1970. */
  private failures(): Record<string, number> {
    try {
      return readJson(this.memory) as Record<string, number>;
    } catch {
      return {}; // the file is missing, or incomplete because a run was killed
    }
  }

  /** The error in one line; `undefined` on success. */
  private runLimited(command: string, args: string[], milliseconds: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      const limit = AbortSignal.timeout(milliseconds);
      // In its own process group, to end the wrapper with its shell script and its download.
      const child = spawn(command, args, {
        detached: true,
        stdio: ["ignore", "ignore", "pipe"],
        env: quiet(process.env),
      });
      const stop = () => killGroup(child);
      limit.addEventListener("abort", stop);
      this.context.signal.addEventListener("abort", stop);
      let errors = "";
      child.stderr.on("data", (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)));
      child.on("error", (error) => (errors += error.message));
      child.on("close", (code) => {
        limit.removeEventListener("abort", stop);
        this.context.signal.removeEventListener("abort", stop);
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

import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { parse } from "yaml";
import { contentKey } from "../cache";
import { UserError } from "../../recorder/errors";
import type { Pack } from "../../cli/policies/packs";
import { yamlOf } from "../../recorder/yaml";
import { clusterIdentity, type Target } from "./cluster";
import type { Engine } from "./find";
import { type LanguageRuntime, serveLanguageRuntime } from "./language-runtime";
import { replaceFile, writeProgram } from "./files";

export interface StackOptions extends Target {
  engine: Engine;
  /** Folder with Pulumi.yaml, the program and Pulumi.<stack>.yaml. It is only read. */
  projectDir: string;
  stack: string;
  /**
   * Values that override Pulumi.<stack>.yaml, in the form of PULUMI_CONFIG: keys with their project, string
   * values.
   */
  config?: Record<string, string>;
  /** Environment of the program, added to this process's. */
  env?: Record<string, string>;
  /** Folder of the stacks' states. Default: {@link stateFolder}. */
  states?: string;
  /** Policy packs for every preview and update. */
  packs?: readonly Pack[];
  signal: AbortSignal;
}

export interface OpenStack {
  stack: Stack;
  /** The generated workspace: Pulumi.yaml and Pulumi.<stack>.yaml. */
  folder: string;
  /** Its policy packs, in the form for the engine. */
  packs: string[];
  /** Ends its processes. */
  close(): void;
}

interface ProjectFile {
  name: string;
  runtime: unknown;
  description?: string;
  main?: string;
}

interface StackFile {
  secretsprovider?: string;
  encryptionsalt?: string;
  encryptedkey?: string;
  config?: Record<string, unknown>;
}

/**
 * $FLINK_KUBERNETES_STATE, or flink-kubernetes in $XDG_STATE_HOME, or ~/.local/state/flink-kubernetes. Unlike
 * the cache, it must not be lost.
 */
function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.FLINK_KUBERNETES_STATE) return path.resolve(env.FLINK_KUBERNETES_STATE);
  return path.join(env.XDG_STATE_HOME || path.join(os.homedir(), ".local", "state"), "flink-kubernetes");
}

/** Paths of a stack on a cluster. States of different clusters must never be mixed up. */
export interface Places {
  /** Generated files of the stack: Pulumi.yaml, Pulumi.<stack>.yaml, programs. */
  folder: string;
  /** The backend of all stacks on the cluster, so that they can read each other's outputs. */
  backend: string;
  /** The stack's state in it, which exists after the stack is created. */
  state: string;
  /** The engine's copies of the state, which stay when the stack is removed. */
  copies: string[];
  /** The stack's locks in it. */
  locks: string;
}

export async function placesOf(options: Omit<StackOptions, "engine">): Promise<Places> {
  const { name } = readYaml<ProjectFile>(path.join(options.projectDir, "Pulumi.yaml"));
  const cluster = contentKey({ cluster: await clusterIdentity(options, options.signal) });
  const root = path.join(options.states ?? stateFolder(), cluster);
  const stack = path.join(name, options.stack);
  const backend = path.join(root, "state");
  const kept = path.join(backend, ".pulumi");
  const state = path.join(kept, "stacks", `${stack}.json`);
  return {
    folder: path.join(root, "stacks", stack),
    backend,
    state,
    copies: [path.join(kept, "backups", stack), `${state}.bak`, `${state}.bak.attrs`],
    locks: path.join(kept, "locks", "organization", stack),
  };
}

/** The stack, created if necessary, in a workspace that is generated for each operation. */
export async function openStack(options: StackOptions): Promise<OpenStack> {
  const { engine, projectDir, signal } = options;
  const { folder, backend, state, locks } = await placesOf(options);
  // Before any write, because a concurrent run reads these files again.
  releaseDeadLock(locks);
  for (const made of [backend, folder]) fs.mkdirSync(made, { recursive: true, mode: 0o700 });
  const isThere = fs.existsSync(state);
  const settings = writeStackSettings(options, folder, isThere);
  const env = {
    ...options.env,
    ...(options.kubeconfig ? { KUBECONFIG: options.kubeconfig } : {}),
  };
  const runtime = engine.languageHost ? undefined : await serveLanguageRuntime(projectDir, env, signal);
  try {
    writeProject(options, folder, runtime);
    const pulumiCommand = await PulumiCommand.get({ root: linkedCli(engine, folder) });
    const workspace = await LocalWorkspace.create({
      workDir: folder,
      pulumiCommand,
      secretsProvider: settings.secretsprovider ?? "passphrase",
      envVars: {
        ...env,
        PULUMI_BACKEND_URL: `file://${backend}`,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // The commands' compiler settings must not apply to plugins and policy packs.
        TS_NODE_PROJECT: "",
        PULUMI_CONFIG_PASSPHRASE: passphraseFor(options, settings),
        // The program uses the Node of this process, and the language hosts beside this CLI.
        PATH: [path.dirname(engine.cli), path.dirname(process.execPath), process.env.PATH].join(
          path.delimiter,
        ),
      },
    });
    const open = isThere ? Stack.select : Stack.create;
    const stack = await open(options.stack, workspace);
    return { stack, folder, packs: packsFor(options, folder), close: () => runtime?.close() };
  } catch (error) {
    runtime?.close();
    throw error;
  }
}

function writeProject(
  { engine, projectDir }: StackOptions,
  folder: string,
  languageRuntime: LanguageRuntime | undefined,
): void {
  const { name, runtime, description, main } = readYaml<ProjectFile>(path.join(projectDir, "Pulumi.yaml"));
  const providers = Object.entries(engine.plugins).map(([plugin, at]) => ({ name: plugin, path: at }));
  const project = {
    name,
    // The engine's name for a language runtime that already runs.
    runtime: languageRuntime ? { name: "client", options: { address: languageRuntime.address } } : runtime,
    description,
    main: path.resolve(projectDir, main ?? "."),
    plugins: { providers },
  };
  replaceFile(path.join(folder, "Pulumi.yaml"), yamlOf(project), 0o644);
}

/**
 * The packs in the form for the engine. Without a language host, the engine runs a pack as a program: the
 * SDK's own program, with the pack's folder.
 */
function packsFor({ engine, projectDir, packs = [] }: StackOptions, folder: string): string[] {
  if (engine.languageHost) return packs.map((pack) => pack.folder);
  const { resolve } = createRequire(path.join(projectDir, "package.json"));
  return packs.map((pack, index) => {
    const at = path.join(folder, "policy-packs", String(index));
    const program = path.join(at, "pulumi-analyzer");
    const host = [process.execPath, resolve("@pulumi/pulumi/cmd/run-policy-pack"), "--pwd", pack.folder];
    writeProgram(program, host, ["."]);
    fs.copyFileSync(path.join(pack.folder, "PulumiPolicy.yaml"), path.join(at, "PulumiPolicy.yaml"));
    return program;
  });
}

/** The repository's settings with the overrides, and with the encryption salt of this workspace's state. */
function writeStackSettings(options: StackOptions, folder: string, isThere: boolean): StackFile {
  const name = `Pulumi.${options.stack}.yaml`;
  const source = path.join(options.projectDir, name);
  const settings = fs.existsSync(source) ? (readYaml<StackFile | null>(source) ?? {}) : {};
  const config = { ...settings.config, ...options.config };
  if (options.context) config["kubernetes:context"] = options.context;
  const generated = path.join(folder, name);
  const before = isThere ? (readYaml<StackFile | null>(generated) ?? {}) : {};
  // A salt without encrypted values only comes from `pulumi stack init`, for another state.
  const salt = hasSecure(settings.config) ? settings.encryptionsalt : undefined;
  const written = { ...settings, encryptionsalt: salt ?? before.encryptionsalt, config };
  // It has the encryption salt of the state.
  replaceFile(generated, yamlOf(written), 0o600);
  return { ...settings, encryptionsalt: salt };
}

function hasSecure(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "secure" in value || Object.values(value).some(hasSecure);
}

/**
 * The user's passphrase if the stack file has secrets, otherwise a generated one for this folder of states.
 */
function passphraseFor(options: StackOptions, settings: StackFile): string {
  if (settings.encryptionsalt) {
    if (process.env.PULUMI_CONFIG_PASSPHRASE !== undefined) return process.env.PULUMI_CONFIG_PASSPHRASE;
    const file = process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
    if (file) return fs.readFileSync(file, "utf8").trim();
    throw new UserError(`Pulumi.${options.stack}.yaml has values encrypted with a passphrase.`, [
      "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to it.",
    ]);
  }
  return ownPassphrase(options.states ?? stateFolder());
}

function ownPassphrase(states: string): string {
  const file = path.join(states, "passphrase");
  if (!fs.existsSync(file)) {
    const made = `${file}.${process.pid}`;
    try {
      fs.writeFileSync(made, randomBytes(32).toString("base64url"), { mode: 0o600 });
      fs.linkSync(made, file); // fails, as it should, if another process was first
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      fs.rmSync(made, { force: true });
    }
  }
  return fs.readFileSync(file, "utf8");
}

/** An installation folder for the Automation API, where bin/pulumi runs the CLI in its own process group. */
function linkedCli(engine: Engine, folder: string): string {
  const root = path.join(folder, "cli");
  const words = [process.execPath, path.join(__dirname, "own-group.mjs"), engine.cli];
  writeProgram(path.join(root, "bin", "pulumi"), words);
  return root;
}

/** Removes locks of killed CLIs on the state, and keeps those of running processes. */
function releaseDeadLock(locks: string): void {
  if (!fs.existsSync(locks)) return;
  for (const entry of fs.readdirSync(locks, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith(".attrs")) continue;
    const file = path.join(entry.parentPath, entry.name);
    const pid = ownerOf(file);
    if (pid !== undefined && isAlive(pid)) {
      throw new UserError(`Another run of Pulumi (process ${pid}) works on this stack.`, [
        `Wait until it has ended, or end it with: kill -INT ${pid}`,
      ]);
    }
    fs.rmSync(file);
  }
}

/** Undefined for an incomplete lock, such as after a full disk. Pulumi fails to read it. */
function ownerOf(lock: string): number | undefined {
  try {
    return (JSON.parse(fs.readFileSync(lock, "utf8")) as { pid: number }).pid;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function readYaml<T>(file: string): T {
  return parse(fs.readFileSync(file, "utf8")) as T;
}

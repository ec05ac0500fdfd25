import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { UserError } from "./errors";
import { isProject } from "./find-project";
import { entryOf, type Project, readProject } from "./project";

export interface ProgramOptions {
  /** Folder of the Pulumi project. */
  projectDir: string;
  /**
   * Entry file or folder relative to `projectDir`. Default: `main` of Pulumi.yaml, else of package.json, as
   * the engine does it.
   */
  main?: string;
  project: string;
  stack: string;
  /** The organization of the stack. Default: `organization`, as in file backends. */
  organization?: string;
  /** Stack configuration, `project:key` to text; objects as JSON. */
  config: Record<string, string>;
  /** Keys of `config` with secret values. */
  secretConfigKeys: string[];
  /** Compiles the program without a type check, which is much faster. Default: the project's setting. */
  transpileOnly?: boolean;
  /** Further environment variables for the program. */
  env?: Record<string, string>;
}

/** The engine's parameters for a program. */
export interface EngineCall {
  /** Address for the program's registrations. */
  monitor: string;
  /** Address for its log. */
  engine: string;
  /** Whether this is a preview. */
  dryRun: boolean;
}

/** Time between the request to stop and the kill of a program, in milliseconds. */
const GRACE = 3000;

/**
 * Runs the unmodified program as the engine's language host does, in a child process, and returns its exit
 * code: 0 for success, 32 for an error that it has logged, others for an error that it has not logged.
 */
export async function runProgram(
  options: ProgramOptions,
  { monitor, engine, dryRun }: EngineCall,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<number> {
  signal.throwIfAborted();
  const { projectDir, organization = "organization" } = options;
  const { main, runtime, options: settings } = projectOf(options);
  const { folder, entry } = entryOf(projectDir, main);
  const child = spawn(
    process.execPath,
    [
      ...nodeArguments(settings),
      runnerOf(folder, runtime),
      ...["--monitor", monitor, "--engine", engine],
      ...["--organization", organization, "--project", options.project, "--stack", options.stack],
      ...["--root-directory", projectDir, "--pwd", folder],
      ...(dryRun ? ["--dry-run", "true"] : []),
      ...["--parallel", "16"],
      entry,
    ],
    {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        ...languageOf(settings),
        ...(options.transpileOnly ? { PULUMI_NODEJS_TRANSPILE_ONLY: "true" } : {}),
        PULUMI_CONFIG: JSON.stringify(options.config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(options.secretConfigKeys),
        ...options.env,
      },
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", onLine);
  }
  const stop = () => end(child);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve(code ?? 1));
    });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function end(child: ChildProcess): void {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE);
  child.once("close", () => clearTimeout(timer));
}

/** A caller that names the program needs no project file. */
function projectOf({ projectDir, main }: ProgramOptions): Pick<Project, "main" | "runtime" | "options"> {
  if (main === undefined && isProject(projectDir)) return readProject(projectDir);
  return { main, runtime: "nodejs", options: {} };
}

/** The SDK's own runner, from the program's copy of the SDK. */
function runnerOf(folder: string, runtime: string): string {
  if (runtime !== "nodejs") {
    throw new UserError(
      `The program's language is ${runtime || "not named in Pulumi.yaml"}: only programs in TypeScript and JavaScript can be recorded.`,
      [
        "Show what the engine says of it: pulumi preview --json > preview.json, then preview --output preview.json",
      ],
    );
  }
  try {
    return createRequire(path.join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    throw new UserError(`The program in ${folder} does not find @pulumi/pulumi.`, [
      "Install the project's packages, for example with npm install.",
    ]);
  }
}

function nodeArguments({ nodeargs }: Record<string, unknown>): string[] {
  return typeof nodeargs === "string" ? nodeargs.split(/\s+/).filter((part) => part !== "") : [];
}

/** Configuration in the form that the language host passes to the runner. */
function languageOf({ typescript, tsconfig }: Record<string, unknown>): Record<string, string> {
  return {
    PULUMI_NODEJS_TYPESCRIPT: String(typescript !== false),
    ...(typeof tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
  };
}

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";

export interface ProgramOptions {
  /** Folder of the Pulumi project: the program's working directory. */
  projectDir: string;
  /** Entry file relative to `projectDir`. Default: `main` of Pulumi.yaml, else of package.json, as the engine does it. */
  main?: string;
  project: string;
  stack: string;
  /** Stack configuration, `project:key` to text; objects as JSON. */
  config: Record<string, string>;
  /** Keys of `config` whose values the program sees as secrets. */
  secretConfigKeys: string[];
  /** Further environment variables for the program. */
  env?: Record<string, string>;
}

/** What an engine tells a program that it has run. */
export interface EngineCall {
  /** Address at which the program registers its resources. */
  monitor: string;
  /** Address to which it logs. */
  engine: string;
  /** Whether this is a preview. */
  dryRun: boolean;
}

/** How long a program that is told to stop may take before it is killed, in milliseconds. */
const GRACE = 3000;

/**
 * Runs the unmodified program as the engine's language host would, in a child process, and returns its exit code: 0 is success, 32 means that it has logged
 * what went wrong, anything else that it has not.
 */
export async function runProgram(
  options: ProgramOptions,
  { monitor, engine, dryRun }: EngineCall,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<number> {
  signal.throwIfAborted();
  const require = createRequire(path.join(options.projectDir, "package.json"));
  const child = spawn(
    process.execPath,
    [
      require.resolve("@pulumi/pulumi/cmd/run"),
      ...["--monitor", monitor, "--engine", engine],
      ...["--organization", "organization", "--project", options.project, "--stack", options.stack],
      ...["--root-directory", options.projectDir, "--pwd", options.projectDir],
      ...(dryRun ? ["--dry-run", "true"] : []),
      ...["--parallel", "16"],
      options.main ?? mainOf(options.projectDir),
    ],
    {
      cwd: options.projectDir,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        PULUMI_NODEJS_TYPESCRIPT: "true",
        ...quickCompiler(options.projectDir),
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

/** This repository's program is compiled as its commands are, in a third of the time; a plugin's type check would refuse that setting in tsconfig.json. */
function quickCompiler(projectDir: string): Record<string, string> {
  const file = path.join(projectDir, "local", "tsconfig.json");
  return existsSync(file) ? { PULUMI_NODEJS_TSCONFIG_PATH: file } : {};
}

function mainOf(projectDir: string): string {
  const file = path.join(projectDir, "Pulumi.yaml");
  const project = existsSync(file) ? (parse(readFileSync(file, "utf8")) as { main?: string } | null) : null;
  return project?.main ?? ".";
}

import { execa } from "execa";
import { secondsSince } from "./bench";

/** Runs `npm start` the way a person does and times it: `hello` to the first line of the job, `total` to its end. */
export async function timeNpmStart(
  dir: string,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = {},
): Promise<{ hello: number; total: number }> {
  const start = performance.now();
  let hello: number | undefined;
  const child = execa("npm", ["start"], {
    cwd: dir,
    env,
    stdin: "ignore",
    all: true,
    reject: false,
    // npm passes a SIGTERM on; the command then ends at a safe place and says what is left.
    cancelSignal: signal,
    forceKillAfterDelay: 60_000,
  });
  for await (const line of child.iterable({ from: "all" })) {
    if (hello === undefined && /Hello, World! \d+/.test(line)) hello = secondsSince(start);
  }
  const { exitCode, all } = await child;
  const total = secondsSince(start);
  if (exitCode !== 0) throw new Error(`npm start ended with exit code ${exitCode}:\n${tail(all)}`);
  if (hello === undefined) throw new Error(`npm start printed no "Hello, World! …":\n${tail(all)}`);
  return { hello, total };
}

export async function npmRunDown(dir: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const { exitCode, all } = await execa("npm", ["run", "down"], {
    cwd: dir,
    env,
    stdin: "ignore",
    all: true,
    reject: false,
  });
  if (exitCode !== 0) throw new Error(`npm run down ended with exit code ${exitCode}:\n${tail(all)}`);
}

function tail(text: string): string {
  return text.split("\n").slice(-15).join("\n");
}

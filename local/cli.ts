import path from "node:path";
import { UserError } from "../recorder/errors";
import { HelpAsked } from "../cli/options";
import { scratchFolder } from "../cli/scratch";
import { runToEnd } from "../cli/output";

const projectDir = path.dirname(__dirname);
type Command = (projectDir: string, args: string[], signal: AbortSignal) => Promise<number>;

/**
 * Modules by command, loaded when asked for: the Kubernetes and Pulumi libraries cost a second that `kubectl` does not need. A command's options are described
 * where they are read, and shown by its --help.
 */
const commands: Record<string, { file: string; about: string }> = {
  start: {
    file: "./commands/start",
    about: "deploys a stack on the local node or a cluster, and shows the job's lines",
  },
  down: { file: "./commands/down", about: "takes down what was deployed, and the local node" },
  render: { file: "../cli/commands/render", about: "a stack as Kubernetes YAML, or as a folder for GitOps" },
  preview: { file: "../cli/commands/preview", about: "what a change does, in Flink's words" },
  check: { file: "../cli/commands/check", about: "checks a stack, also by its policy packs" },
  jobs: { file: "../cli/commands/jobs", about: "status, savepoint, pause, resume, logs and gc of jobs" },
  comment: { file: "../cli/commands/comment", about: "posts a preview's report on a pull or merge request" },
  policies: {
    file: "./commands/policies",
    about: "compiles the policy packs, and gives pulumi's options for them",
  },
  kubectl: { file: "./commands/kubectl", about: "kubectl of the local node" },
  pulumi: { file: "./commands/pulumi", about: "the engine's own command line on the state of npm start" },
  pack: { file: "./commands/pack", about: "the npm packages as tarballs" },
  release: { file: "./commands/release", about: "the tag and the tarballs of a release" },
  docs: { file: "./commands/docs", about: "the documentation as a site" },
  test: { file: "./commands/test", about: "the tests" },
  soak: { file: "./commands/test", about: "the long matrices of tests" },
  bench: { file: "../tests/bench/index", about: "measures" },
  scoreboard: { file: "../tests/policies/support/scoreboard", about: "how well the policy packs judge" },
  verify: { file: "./commands/verify", about: "lint, formatting and types" },
};

/** Commands of which nothing stays but what they are asked to write. */
const TIDY = ["render", "preview", "check", "policies", "pack", "release"];

const USAGE = [
  "npm start, npm test, and npm run COMMAND:",
  ...Object.entries(commands).map(([name, { about }]) => `  ${name.padEnd(10)}  ${about}`),
  "",
  "The options of each: npm run COMMAND -- --help",
].join("\n");

const interrupt = new AbortController();

async function main(): Promise<number> {
  const [name = "", ...args] = process.argv.slice(2);
  if (name === "--help" || name === "-h") {
    console.log(USAGE);
    return 0;
  }
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (found === undefined) {
    console.error(name ? `There is no command "${name}".\n${USAGE}` : USAGE);
    return 2;
  }
  // What the program, the engine and its plugins leave in the temporary folder goes with the command. Others leave running things behind.
  if (TIDY.includes(name)) process.env.TMPDIR = scratchFolder(name).folder;
  let interrupts = 0;
  const onSignal = (): void => {
    // The first Ctrl-C asks every step to stop where it is safe; a person who insists gets their prompt back.
    if (++interrupts > 1) process.exit(130);
    interrupt.abort(new UserError("Interrupted."));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would need the file's compiled name
  const command = (require(found.file) as Record<string, Command>)[name]!;
  return command(projectDir, args, interrupt.signal).catch((error: unknown) => {
    if (!(error instanceof HelpAsked)) throw error;
    console.log(error.message);
    return 0;
  });
}

function tell(error: unknown): void {
  if (error instanceof UserError) {
    console.error(`\n${error.message}`);
    for (const action of error.actions) console.error(`  ${action}`);
  } else {
    console.error(ofTheSystem(error) ?? error);
  }
}

const REFUSALS: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  EACCES: "this user may not do that",
  EPERM: "this user may not do that",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "this is a folder",
  EROFS: "nothing can be written there",
  ENOSPC: "there is no room",
};

/** What the operating system refuses is rarely a mistake of the program: where and why is all that a person needs. */
function ofTheSystem(error: unknown): string | undefined {
  const { code = "", path: where, message } = error as NodeJS.ErrnoException;
  return where !== undefined && Object.hasOwn(REFUSALS, code)
    ? `\n${where}: ${REFUSALS[code]} (${message}).`
    : undefined;
}

void runToEnd({
  run: main,
  tell,
  stop: () => interrupt.abort(new UserError("The output could not be written.")),
});

import path from "node:path";
import { UserError } from "./errors";
import { runToEnd } from "./output";

const USAGE = `usage:
  npm start [-- --stack NAME] [--context NAME] [--outputs FILE [--show-secrets]]
  npm run down [-- --stack NAME] [--context NAME]
  npm run pulumi -- [--stack NAME] [--context NAME] -- ARGUMENTS OF pulumi
  npm run render -- [--stack NAME] [--out DIR [--for kubectl|argocd|flux] [--check] [--secret-ref NAMESPACE/NAME…] [--source NAMESPACE/NAME] [--no-prune]]
  npm run render -- [--stack NAME] --format registrations [--out FILE]
  npm run jobs -- [status | savepoint JOB | pause JOB | resume JOB | logs JOB | gc [JOB]] [--json]
  npm run check -- [--stack NAME]
  npm run preview -- [--stack NAME] [--against REVISION | --output FILE | --base FILE --head FILE | --engine pulumi] [--out DIR]
  npm run comment -- [--stack NAME] --commit SHA --report FILE
  npm run policies [-- --stack NAME]
  npm run pack [-- --out DIR]
  npm run release -- VERSION
  npm run docs
  npm run kubectl -- ARGUMENTS OF kubectl
  render, check and preview read the outputs of other stacks: [--stack-output ORGANIZATION/PROJECT/STACK=FILE]…
  npm test [-- FILE…]
  npm run soak [-- FILE…]
  npm run bench [-- --cold] [--runs N] [NAME…]`;

const projectDir = path.dirname(__dirname);
type Command = (projectDir: string, args: string[], signal: AbortSignal) => Promise<number>;

/** Modules by command, loaded when asked for: the Kubernetes and Pulumi libraries cost a second that `kubectl` does not need. */
const commands: Record<string, string> = {
  start: "./commands/start",
  down: "./commands/down",
  render: "./commands/render",
  preview: "./commands/preview",
  comment: "./commands/comment",
  jobs: "./commands/jobs",
  kubectl: "./commands/kubectl",
  pulumi: "./commands/pulumi",
  test: "./commands/test",
  soak: "./commands/test",
  bench: "../tests/bench/index",
  check: "./commands/check",
  policies: "./commands/policies",
  pack: "./commands/pack",
  release: "./commands/release",
  docs: "./commands/docs",
  scoreboard: "../tests/policies/support/scoreboard",
  verify: "./commands/verify",
};

const interrupt = new AbortController();

async function main(): Promise<number> {
  const [name = "", ...args] = process.argv.slice(2);
  const file = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (file === undefined) {
    console.error(name ? `There is no command "${name}".\n${USAGE}` : USAGE);
    return 2;
  }
  let interrupts = 0;
  const onSignal = (): void => {
    // The first Ctrl-C asks every step to stop where it is safe; a person who insists gets their prompt back.
    if (++interrupts > 1) process.exit(130);
    interrupt.abort(new UserError("Interrupted."));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would need the file's compiled name
  const command = (require(file) as Record<string, Command>)[name]!;
  return command(projectDir, args, interrupt.signal);
}

function tell(error: unknown): void {
  if (error instanceof UserError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS")) {
    console.error(`\n${(error as Error).message}`);
    for (const action of (error as UserError).actions ?? [USAGE]) console.error(`  ${action}`);
  } else {
    console.error(error);
  }
}

void runToEnd({
  run: main,
  tell,
  stop: () => interrupt.abort(new UserError("The output could not be written.")),
});

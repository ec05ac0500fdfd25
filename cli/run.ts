import { StackError } from "../recorder/events";
import { UserError, Misuse } from "../recorder/errors";
import { nearest } from "../components/flink/nearest";
import { exitCodes } from "./exit-codes";
import { asksForHelp, HelpAsked, ownArguments } from "./options";
import { runToEnd } from "./output";
import { scratchFolder } from "./scratch";

/** A command of a program. Its module is loaded on demand. */
export interface Command {
  about: string;
  load(): (args: string[], signal: AbortSignal) => Promise<number>;
  /** The help, available without loading the command. Default: the command prints it. */
  help?(args: string[]): string;
  /** Whether it leaves nothing behind except its output files. */
  tidy?: boolean;
}

export interface Program {
  commands: Record<string, Command>;
  /** Lines before and after the list of the commands. */
  help: { before: string[]; after: string[] };
  version?: () => string;
}

/** Runs the command in the arguments, and ends the process with its exit code. */
export function runCommands(program: Program, argv: string[]): void {
  const interrupt = new AbortController();
  let interrupts = 0;
  const onSignal = (): void => {
    // The first Ctrl-C asks every step to stop at a safe point; the second ends the process.
    if (++interrupts > 1) process.exit(exitCodes.interrupted);
    interrupt.abort(new UserError("Interrupted."));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const asJson = ownArguments(argv).includes("--json");
  void runToEnd({
    run: () => runCommand(program, argv, interrupt.signal),
    tell: (error) => {
      tell(error, asJson);
      return interrupts > 0 ? exitCodes.interrupted : exitCodeOf(error);
    },
    stop: () => interrupt.abort(new UserError("The output could not be written.")),
  });
}

async function runCommand({ commands, help, version }: Program, argv: string[], signal: AbortSignal) {
  const [name = "", ...args] = argv;
  const usage = [...help.before, ...listOf(commands), ...help.after].join("\n");
  if (name === "--help" || name === "-h" || name === "help") {
    console.log(usage);
    return exitCodes.done;
  }
  if (name === "--version" && version !== undefined) {
    console.log(version());
    return exitCodes.done;
  }
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (found === undefined) {
    const meant = nearest(name, Object.keys(commands));
    const unknown = `There is no command "${name}".${meant === undefined ? "" : ` Did you mean ${meant}?`}\n`;
    console.error(`${name ? unknown : ""}${usage}`);
    return exitCodes.failed;
  }
  if (found.help !== undefined && asksForHelp(args)) {
    console.log(found.help(args));
    return exitCodes.done;
  }
  // Removes temporary files of the program, the engine and its plugins. Other commands leave processes that
  // use them.
  if (found.tidy) process.env.TMPDIR = scratchFolder(name).folder;
  try {
    return await found.load()(args, signal);
  } catch (error) {
    if (!(error instanceof HelpAsked)) throw error;
    console.log(error.message);
    return exitCodes.done;
  }
}

function listOf(commands: Record<string, Command>): string[] {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  return Object.entries(commands).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`);
}

/** Findings mean refused; all others are errors. */
function exitCodeOf(error: unknown): number {
  return error instanceof StackError && !(error instanceof Misuse) ? exitCodes.refused : exitCodes.failed;
}

function tell(error: unknown, asJson: boolean): void {
  if (asJson) {
    const { message, actions, findings } = error as Partial<StackError>;
    const said = ofTheSystem(error)?.trim() ?? message ?? String(error);
    console.log(
      JSON.stringify({ format: "flink-kubernetes/error/1", message: said, findings, actions }, null, 2),
    );
    return;
  }
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

/** System errors are rarely bugs, so the message contains only the place and the reason. */
function ofTheSystem(error: unknown): string | undefined {
  const { code = "", path: where, message } = error as NodeJS.ErrnoException;
  return where !== undefined && Object.hasOwn(REFUSALS, code)
    ? `\n${where}: ${REFUSALS[code]} (${message}).`
    : undefined;
}

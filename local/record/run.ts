import type { EventHandler, Finding } from "./events";
import { type Pass, serve } from "./host";
import { type ProgramOptions, runProgram } from "./program";
import { explainMissingOutput, type OtherStacks, type Outputs } from "./stack-outputs";

/** A program of a stack, and how to run it. */
export interface ProgramRun extends ProgramOptions {
  /** Outputs of other stacks, for the program's StackReferences. Default: none, and each is refused. */
  otherStacks?: OtherStacks;
  /** Hears what happens while it happens. */
  onEvent?: EventHandler;
  /** Interrupts the run. */
  signal?: AbortSignal;
}

interface Context {
  options: ProgramRun;
  onEvent: EventHandler;
  signal: AbortSignal;
  /** The program may be loaded, but not run, before this. Default: at once. */
  gate?: Promise<void>;
}

/** Runs the program once against a pass. Its own errors are returned, not thrown: there may be findings to tell with them. */
export type Runner = (
  pass: Pass,
  dryRun: boolean,
  context: Context,
) => Promise<Outputs & { errors: Finding[] }>;

/** The program as it is, in a child process. */
export const runChild: Runner = async (pass, dryRun, { options, onEvent, signal, gate }) => {
  const host = await serve(options, pass, onEvent, gate);
  const lines: string[] = [];
  try {
    const code = await runProgram(options, host.address, dryRun, signal, (line) => {
      lines.push(line);
      onEvent({ type: "log", severity: "info", message: line });
    }).catch((error: unknown) => {
      if (signal.aborted) {
        return 1;
      }
      throw error;
    });
    const errors = host.errors().map((finding) => explainMissingOutput(finding, options.otherStacks));
    if (code !== 0 && errors.length === 0) {
      errors.push({ message: [`The program ended with exit code ${code}.`, ...lines.slice(-20)].join("\n") });
    }
    return { ...host.outputs(), errors };
  } finally {
    host.close();
  }
};

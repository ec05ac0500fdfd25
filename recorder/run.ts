import type { EventHandler, Finding } from "./events";
import { type Responder, serve } from "./host";
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

/** Runs the program once. Its own errors are returned, not thrown: there may be findings to tell with them. */
export type Runner = (
  responder: Responder,
  program: ProgramRun & { onEvent: EventHandler; signal: AbortSignal },
) => Promise<Outputs & { errors: Finding[] }>;

/** The program as it is, in a child process. */
export const runChild: Runner = async (responder, program) => {
  const { onEvent, signal, otherStacks } = program;
  const host = await serve(program, responder, onEvent);
  const lines: string[] = [];
  try {
    const call = { monitor: host.address, engine: host.address, dryRun: true };
    const code = await runProgram(program, call, signal, (line) => {
      lines.push(line);
      onEvent({ type: "log", severity: "info", message: line });
    }).catch((error: unknown) => {
      if (signal.aborted) {
        return 1;
      }
      throw error;
    });
    const errors = host.errors().map((finding) => explainMissingOutput(finding, otherStacks));
    if (code !== 0 && errors.length === 0) {
      errors.push({ message: [`The program ended with exit code ${code}.`, ...lines.slice(-20)].join("\n") });
    }
    return { ...host.outputs(), errors };
  } finally {
    host.close();
  }
};

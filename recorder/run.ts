import type { EventHandler, Finding } from "./events";
import { type Responder, serve } from "./host";
import { type ProgramOptions, runProgram } from "./program";
import { explainMissingOutput, type OtherStacks, type Outputs } from "./stack-outputs";

/** A stack's program, with options for the run. */
export interface ProgramRun extends ProgramOptions {
  /**
   * Outputs of other stacks, for the program's StackReferences. Default: none, so each reference is refused.
   */
  otherStacks?: OtherStacks;
  /** Receives events during the run. */
  onEvent?: EventHandler;
  /** Cancels the run. */
  signal?: AbortSignal;
}

/** Runs the program once. Returns its errors instead of throwing them, because there may be findings too. */
export type Runner = (
  responder: Responder,
  program: ProgramRun & { onEvent: EventHandler; signal: AbortSignal },
) => Promise<Outputs & { errors: Finding[] }>;

/** Runs the unmodified program in a child process. */
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

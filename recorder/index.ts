/**
 * Runs the unmodified program against the SDK's own protocol, without an engine, and records its
 * registrations. It deploys nothing and does not use a cluster, so values from the cluster stay unknown.
 */
import { describeNotes, distinct, type Note, StackError } from "./events";
import type { KubernetesObject } from "./json";
import { configuredNamespace } from "./providers";
import { Recording } from "./recording";
import { type Rendered, Rendering, toStream } from "./render";
import { type ProgramRun, runChild, type Runner } from "./run";
import type { Outputs } from "./stack-outputs";

export {
  describeLog,
  describeNotes,
  type EventHandler,
  type Finding,
  type Note,
  type RunEvent,
  shortName,
  StackError,
} from "./events";
export { type Recorded, type Recording } from "./recording";
export { type Rendered } from "./render";
export { type ProgramRun, type Runner } from "./run";
export { type OtherStacks, type Outputs, readOtherStacks, writeOutputs } from "./stack-outputs";

/** The program's registrations, for policy packs and for the report of a change. */
export async function record(program: ProgramRun, run: Runner = runChild): Promise<Recording> {
  const summary = { interrupted: "checked", wrong: "The stack is not well formed:" };
  return (await recordWith("placeholder", program, run, summary)).recording;
}

/** The stack as a YAML stream, with secrets in plain text and marks for unknown values. */
export async function render(
  program: ProgramRun,
  run: Runner = runChild,
): Promise<Outputs & { yaml: string; objects: KubernetesObject[]; notes: readonly Note[] }> {
  const { rendering, outputs, secretOutputs } = await recordWith("placeholder", program, run, RENDERED);
  const { notes } = rendering;
  const objects = rendering.objects();
  return { yaml: missingFrom(notes) + toStream(objects), objects, outputs, secretOutputs, notes };
}

/** The objects of the stack in an order for applying them. Unknown values stay unknown. */
export async function manifests(
  program: ProgramRun,
  run: Runner = runChild,
): Promise<{ rendered: Rendered[]; notes: readonly Note[] }> {
  const { rendering } = await recordWith("unknown", program, run, RENDERED);
  return { rendered: rendering.manifests(), notes: rendering.notes };
}

/** Comments about parts of the stack that are not in the objects. */
export function missingFrom(notes: readonly Note[]): string {
  const incomplete = describeNotes(notes.filter((note) => note.incomplete));
  return incomplete.map((line) => `# Not here: ${line}.\n`).join("");
}

const RENDERED = { interrupted: "rendered", wrong: "The stack cannot be rendered:" };

async function recordWith(
  random: "placeholder" | "unknown",
  program: ProgramRun,
  run: Runner,
  summary: { interrupted: string; wrong: string },
): Promise<Outputs & { rendering: Rendering; recording: Recording }> {
  const onEvent = program.onEvent ?? (() => undefined);
  const signal = program.signal ?? new AbortController().signal;
  const namespace = configuredNamespace(program.config);
  const rendering = new Rendering(namespace, onEvent, random);
  const recording = new Recording(rendering, namespace);
  const { errors, ...outputs } = await run(recording, { ...program, onEvent, signal });
  const findings = distinct([...rendering.findings, ...errors]);
  if (signal.aborted || findings.length > 0) {
    throw new StackError(
      signal.aborted ? `Interrupted while the stack was being ${summary.interrupted}.` : summary.wrong,
      findings,
    );
  }
  return { rendering, recording, ...outputs };
}

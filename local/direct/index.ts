/**
 * The way to run a Pulumi program where no Pulumi engine is installed: it hosts the protocol that the SDK speaks to its engine, runs the unmodified program, and applies what it
 * registers with server-side apply. It is the way to look, test and try: there is no state file, no diff engine and there are no aliases.
 */
import { blocking, describeFinding, judge, shortName } from "../policies/judge";
import { distinct, type Finding, messageOf, StackError } from "../record/events";
import { describe } from "../record/objects";
import { configuredSettings } from "../record/providers";
import { Recording } from "../record/recording";
import { runChild, type Runner } from "../record/run";
import type { Outputs } from "../record/stack-outputs";
import { Check, type Change } from "./check";
import { Execution } from "./execute";
import { protectedFindings, removeEntries } from "./remove";
import { type DirectOptions, openSession, type Session } from "./session";

export { type Change } from "./check";
export { inventoryName } from "./inventory";
export { type DirectOptions } from "./session";

/** What a run did to how many objects, and what the program exports: of a preview only what is known, unknowns as the SDK's marker. */
export interface Result extends Outputs {
  created: number;
  updated: number;
  unchanged: number;
  replaced: number;
  deleted: number;
  milliseconds: number;
}

/** Checks everything against the cluster and tells what `up` would do, without changing anything. */
export async function preview(
  options: DirectOptions,
  run: Runner = runChild,
): Promise<Result & { changes: Change[] }> {
  const start = Date.now();
  return withSession(options, async (session) => {
    const { check, outputs, secretOutputs } = await checkAll(session, run);
    for (const { urn, kind, namespace, name, op } of check.changes) {
      session.onEvent({
        type: "resource",
        urn,
        kind,
        name,
        ...(namespace ? { namespace } : {}),
        op,
        status: "done",
      });
    }
    const count = (op: string) => check.changes.filter((change) => change.op === op).length;
    return {
      created: count("create"),
      updated: count("update"),
      unchanged: count("same"),
      replaced: count("replace"),
      deleted: count("delete"),
      outputs,
      secretOutputs,
      milliseconds: Date.now() - start,
      changes: check.changes,
    };
  });
}

/** Checks everything, applies and awaits it, and deletes what is no longer in the program. */
export async function up(options: DirectOptions, run: Runner = runChild): Promise<Result> {
  const start = Date.now();
  return withSession(options, async (session) => {
    const execution = new Execution(session);
    // The second process loads the SDK while the first one runs the program, and waits before its first line.
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const second = run(execution, false, { ...session, signal: execution.signal, gate });
    second.catch(() => undefined);
    const { check } = await checkAll(session, run).catch(async (error: unknown) => {
      execution.stop();
      await second.catch(() => undefined);
      throw error;
    });
    session.onEvent({ type: "phase", phase: "apply" });
    open();
    const { outputs, secretOutputs, errors } = await second;
    const findings = [
      ...execution.failures,
      ...(execution.failures.length > 0 || session.signal.aborted ? [] : errors),
    ];
    if (session.signal.aborted || findings.length > 0) {
      const summary = session.signal.aborted
        ? "Interrupted while the stack was being applied."
        : "The stack is not up:";
      throw new StackError(summary, findings, whatIsLeft(check, execution));
    }
    const deleted = await removeLeftovers(session, execution);
    const { create, update, same, replace } = execution.counts;
    return {
      created: create,
      updated: update,
      unchanged: same,
      replaced: replace,
      deleted,
      outputs,
      secretOutputs,
      milliseconds: Date.now() - start,
    };
  });
}

/** Deletes everything that the inventory lists, then the inventory itself. The program is not run: it need not even compile. */
export async function down(options: DirectOptions): Promise<{ deleted: number; milliseconds: number }> {
  const start = Date.now();
  return withSession(options, async (session) => {
    const entries = session.inventory.entries();
    const kept = protectedFindings(entries);
    if (kept.length > 0) {
      throw new StackError("Nothing was deleted:", kept);
    }
    session.onEvent({ type: "phase", phase: "remove" });
    const { deleted, findings } = await removeEntries(
      entries,
      session.inventory,
      session.providers,
      session.signal,
      session.onEvent,
    );
    if (session.signal.aborted || findings.length > 0) {
      const left = session.inventory.entries().map((entry) => `  ${describe(entry)}`);
      const summary = session.signal.aborted
        ? "Interrupted while the stack was being deleted."
        : "Not everything could be deleted:";
      throw new StackError(summary, session.signal.aborted ? [] : findings, [
        "Still there; run it again to go on:",
        ...left,
      ]);
    }
    await session.inventory.destroy(session.signal);
    return { deleted: deleted.length, milliseconds: Date.now() - start };
  });
}

async function withSession<T>(options: DirectOptions, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession(options);
  try {
    return await work(session);
  } catch (error) {
    throw error instanceof StackError ? error : new StackError(messageOf(error));
  } finally {
    session.providers.close();
  }
}

async function checkAll(session: Session, run: Runner): Promise<Outputs & { check: Check }> {
  session.onEvent({ type: "phase", phase: "check" });
  const check = new Check(session);
  const { packs = [] } = session.options;
  const recording = new Recording(check, configuredSettings(session.options.config).namespace);
  const { outputs, secretOutputs, errors } = await run(packs.length > 0 ? recording : check, true, session);
  check.finish();
  if (session.signal.aborted) {
    throw new StackError("Interrupted while the stack was being checked. Nothing was applied.");
  }
  const broken = distinct([...check.findings, ...errors]);
  // As with the engine: what cannot be deployed anyway is not judged.
  const findings = broken.length > 0 ? broken : await policyFindings(session, recording);
  if (findings.length > 0) {
    throw new StackError(
      `Nothing was applied, because of ${findings.length === 1 ? "this" : `these ${findings.length}`}:`,
      findings,
    );
  }
  return { check, outputs, secretOutputs };
}

/** Mandatory findings of the policy packs stop the run, advisory ones are told. */
async function policyFindings(session: Session, recording: Recording): Promise<Finding[]> {
  const { options, signal, onEvent } = session;
  const { packs = [], project, stack } = options;
  const findings = await judge(packs, recording, { project, stack, signal });
  for (const finding of findings.filter(({ level }) => level !== "mandatory")) {
    const message = `${shortName(finding.urn)}: ${describeFinding(finding)}`;
    onEvent({ type: "log", severity: "warning", message, urn: finding.urn });
  }
  return blocking(findings).map((finding) => ({ urn: finding.urn, message: describeFinding(finding) }));
}

function whatIsLeft(check: Check, execution: Execution): string[] {
  const progress = [...execution.progress.values()];
  const named = (state: string) =>
    progress.filter((entry) => entry.state === state).map((entry) => entry.what);
  const untouched = check.changes
    .filter(({ urn, op }) => op !== "delete" && !execution.progress.has(urn))
    .map((change) => describe({ apiVersion: "", ...change }));
  const line = (what: string, names: string[]) => (names.length > 0 ? [`${what}: ${names.join(", ")}`] : []);
  return [
    ...line("Applied and ready", named("ready")),
    ...line("Applied, not known to be ready", named("applied")),
    ...line("Was being applied", named("applying")),
    ...line("Not applied", untouched),
    "Nothing was rolled back. Run it again to go on from here, or take the stack down to delete all of it.",
  ];
}

async function removeLeftovers(session: Session, execution: Execution): Promise<number> {
  const { inventory, providers, signal, onEvent } = session;
  const { gone, renamed } = execution.leftovers();
  for (const entry of renamed) {
    await inventory.remove(entry, signal);
  }
  const kept = protectedFindings(gone);
  if (kept.length > 0) {
    throw new StackError("The stack is up, but something in it may not be deleted:", kept);
  }
  if (gone.length > 0) {
    onEvent({ type: "phase", phase: "remove" });
  }
  const { deleted, findings } = await removeEntries(gone, inventory, providers, signal, onEvent);
  if (signal.aborted || findings.length > 0) {
    const summary = signal.aborted
      ? "The stack is up. Interrupted while objects that are no longer in the program were being deleted."
      : "The stack is up, but not everything that is no longer in the program could be deleted:";
    const left = inventory
      .entries()
      .filter((entry) => gone.some((old) => old.urn === entry.urn && old.name === entry.name));
    throw new StackError(summary, findings, [
      "Still there; run it again to go on:",
      ...left.map((entry) => `  ${describe(entry)}`),
    ]);
  }
  await inventory.forgetSecrets(execution.secretUrns, signal);
  return deleted.length;
}

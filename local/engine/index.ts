import fs from "node:fs";
import { execa } from "execa";
import type { EngineEvent, OpMap, OutputMap } from "@pulumi/pulumi/automation";
import type { EventHandler, Outputs } from "../../recorder";
import { UserError } from "../../recorder/errors";
import { configFiles } from "../policies/flags";
import { EventTranslator } from "./events";
import { rememberCancelled, repairPending, stateOf } from "./repair";
import { type OpenStack, openStack, placesOf, type StackOptions } from "./workspace";

export { type Engine, findEngine, type FindOptions } from "./find";

export interface EngineOptions extends StackOptions {
  /** Receives events, in the same form as for a recording. */
  onEvent?: EventHandler;
  /** Receives the engine's own events, with inputs, outputs and differences. */
  onEngineEvent?(event: EngineEvent): void;
  /** Refreshes the state of every object before the program runs. Default: false, as in `pulumi up`. */
  refresh?: boolean;
  /** Whether `engineUp` runs a preview first. Default: true; some tests skip it to save time. */
  previewFirst?: boolean;
}

/** Numbers of changed objects, and the program's exports. A preview contains only known exports. */
export interface Result extends Outputs {
  created: number;
  updated: number;
  unchanged: number;
  replaced: number;
  deleted: number;
  milliseconds: number;
}

/** Previews `engineUp`. */
export function enginePreview(options: EngineOptions): Promise<Result> {
  return withStack(options, (opened) => previewOf(opened, options));
}

/**
 * Brings the stack up. The program runs as a preview first, so that an error in any component stops it before
 * any change. If the preview finds no changes, it ends there.
 */
export function engineUp(options: EngineOptions): Promise<Result> {
  return withStack(options, async (opened) => {
    const { stack } = opened;
    await repairPending(opened, options, options.onEvent, options.signal);
    if (options.previewFirst ?? true) {
      options.onEvent?.({ type: "phase", phase: "check" });
      const planned = await previewOf(opened, options);
      if (planned.created + planned.updated + planned.replaced + planned.deleted === 0) return planned;
    }
    options.onEvent?.({ type: "phase", phase: "apply" });
    return watched("up", opened, options, async (watch) => {
      const { summary, outputs } = await stack.up({ ...watch, ...policyOptions(opened, options) });
      return { changes: summary.resourceChanges, outputs };
    });
  });
}

/** Refreshes every object of the stack and reports the drift. */
export function engineRefresh(options: EngineOptions): Promise<Result> {
  return withStack(options, (opened) =>
    watched("refresh", opened, options, async (watch) => {
      const { summary } = await opened.stack.refresh(watch);
      return { changes: summary.resourceChanges };
    }),
  );
}

/** Deletes all objects of `engineUp` on this cluster, and the state. Succeeds if there are none. */
export async function engineDown(options: EngineOptions): Promise<Result> {
  if (!(await hasEngineStack(options))) return resultOf({}, Date.now());
  return withStack(options, async (opened) => {
    const { stack, folder } = opened;
    await repairPending(opened, options, options.onEvent, options.signal);
    options.onEvent?.({ type: "phase", phase: "remove" });
    const result = await watched("destroy", opened, options, async (watch) => {
      const { summary } = await stack.destroy(watch);
      return { changes: summary.resourceChanges };
    });
    await stack.workspace.removeStack(stack.name);
    const { copies } = await placesOf(options);
    for (const left of [folder, ...copies]) fs.rmSync(left, { recursive: true, force: true });
    return result;
  });
}

/**
 * Runs the CLI with these arguments in the stack's workspace, for `npm run pulumi`. Returns its exit code.
 */
export function engineCommand(options: StackOptions, args: readonly string[]): Promise<number> {
  return withStack(options, async ({ stack: { workspace }, folder }) => {
    const { exitCode } = await execa(workspace.pulumiCommand.command, args, {
      cwd: folder,
      env: workspace.envVars,
      stdio: "inherit",
      reject: false,
      cancelSignal: options.signal,
    });
    return exitCode ?? 1;
  });
}

async function withStack<T>(options: StackOptions, work: (opened: OpenStack) => Promise<T>): Promise<T> {
  const opened = await openStack(options).catch((error: Error) => {
    options.signal.throwIfAborted();
    throw error instanceof UserError ? error : cannotOpen(options.stack, error);
  });
  try {
    return await work(opened);
  } finally {
    opened.close();
  }
}

/** The CLI's own message, without the Automation API's exit code and streams. */
function cannotOpen(stack: string, error: Error): UserError {
  const said = /stderr: ([^]*?)(?:\n err\?: |$)/.exec(error.message)?.[1]?.trim() || error.message;
  const message = `Pulumi cannot open stack ${stack}: ${said}`;
  return new UserError(message, isNoRoom(said) ? [`${MAKE_ROOM} Nothing was changed.`] : []);
}

const MAKE_ROOM =
  "Make room on the disk that states are kept on, or set FLINK_KUBERNETES_STATE to a folder on another one.";

const isNoRoom = (message: string) => message.includes("no space left on device");

/** Whether the engine has or had this stack on this cluster. */
export async function hasEngineStack(options: Omit<StackOptions, "engine">): Promise<boolean> {
  return fs.existsSync((await placesOf(options)).state);
}

interface Outcome {
  changes?: OpMap;
  outputs?: OutputMap;
}

interface Watch {
  onEvent(event: EngineEvent): void;
  signal: AbortSignal;
  color: "never";
  suppressProgress: boolean;
  refresh?: boolean;
}

function policyOptions(
  opened: OpenStack,
  { packs = [] }: StackOptions,
): { policyPacks?: string[]; policyPackConfigs?: string[] } {
  return packs.length === 0 ? {} : { policyPacks: opened.packs, policyPackConfigs: configFiles(packs) };
}

function previewOf(opened: OpenStack, options: EngineOptions): Promise<Result> {
  const { stack } = opened;
  return watched("preview", opened, options, async (watch) => {
    const { changeSummary } = await stack.preview({ ...watch, ...policyOptions(opened, options) });
    return { changes: changeSummary, outputs: await stack.outputs() };
  });
}

/** Runs one engine operation. Turns its error into a message for users, with the remaining objects. */
async function watched(
  operation: "preview" | "up" | "refresh" | "destroy",
  opened: OpenStack,
  options: EngineOptions,
  work: (watch: Watch) => Promise<Outcome>,
): Promise<Result> {
  const start = Date.now();
  const translator = new EventTranslator(options.onEvent);
  const onEvent = (event: EngineEvent) => {
    translator.handle(event);
    options.onEngineEvent?.(event);
  };
  try {
    options.signal.throwIfAborted();
    const refresh = operation === "preview" || operation === "up" ? options.refresh : undefined;
    return resultOf(
      await work({ onEvent, signal: options.signal, color: "never", suppressProgress: true, refresh }),
      start,
    );
  } catch (error) {
    rememberCancelled(opened, translator.cancelledCreations);
    const applied = operation === "preview" ? [] : await left(opened);
    if (options.signal.aborted) throw new UserError(`Interrupted during pulumi ${operation}.`, applied);
    const errors = translator.errors.length > 0 ? translator.errors : [(error as Error).message.trim()];
    if (errors.some(isNoRoom)) applied.push(MAKE_ROOM);
    const list = errors.map((text) => `  - ${text.split("\n").join("\n    ")}`);
    throw new UserError([`pulumi ${operation} failed:`, ...list].join("\n"), applied);
  }
}

async function left(opened: OpenStack): Promise<string[]> {
  try {
    const { resources, pending_operations: pending } = await stateOf(opened);
    const objects = resources.filter((resource) => resource.type.startsWith("kubernetes:"));
    const unsure = pending.map(({ type, resource }) => `not known how it ended: ${type} ${resource.urn}`);
    return [
      `${objects.length} object(s) of this stack are on the cluster; npm start continues, npm run down removes them.`,
      ...unsure,
    ];
  } catch {
    return []; // the first error is more important
  }
}

function resultOf({ changes = {}, outputs = {} }: Outcome, start: number): Result {
  return {
    created: changes.create ?? 0,
    updated: changes.update ?? 0,
    unchanged: changes.same ?? 0,
    replaced: changes.replace ?? 0,
    deleted: changes.delete ?? 0,
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])),
    secretOutputs: Object.keys(outputs).filter((name) => outputs[name]!.secret),
    milliseconds: Date.now() - start,
  };
}

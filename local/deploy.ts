import { appendFileSync } from "node:fs";
import type { BuildContext } from "./cache";
import type { OtherStacks, Outputs } from "./record";
import { type Result, inventoryName, up as directUp } from "./direct";
import type { RunEvent } from "./record/events";
import { type Engine, engineUp, findEngine, hasEngineStack } from "./engine";
import { exists } from "./engine/cluster";
import { UserError } from "./errors";
import { packsOf } from "./policies/packs";
import { engineConfig, type StackSettings, undecrypted } from "./stack";

/** How a stack is brought up: by the Pulumi engine, or without one because of `why`. */
export type Way = { way: "pulumi"; engine: Engine } | { way: "direct"; why: string };

/** Where to: a kubeconfig file, a context in it, both optional as for kubectl. */
export interface Target {
  kubeconfig?: string;
  context?: string;
}

/**
 * The engine where it is complete or can be fetched within 30 s, unless the person decided. What brought the stack up before
 * goes on with it: the other way knows nothing of its objects, and would find them in its way.
 */
export async function chooseWay(
  forced: "pulumi" | "direct" | undefined,
  settings: StackSettings,
  target: Target,
  c: BuildContext,
): Promise<Way> {
  const before = await broughtUpBy(settings, target, c.signal);
  if (forced !== undefined && before !== undefined && forced !== before) {
    const where = target.context === undefined ? "" : ` --context ${target.context}`;
    throw new UserError(
      `Stack ${settings.stack} was brought up ${before === "pulumi" ? "by the Pulumi engine" : "without an engine"} on this cluster.`,
      [
        `Use --engine ${before}, or take the stack down first and then change the way:`,
        `npm run down -- --stack ${settings.stack}${where}`,
      ],
    );
  }
  const wanted = forced ?? before;
  if (wanted === "direct") {
    return { way: "direct", why: forced ? "asked for with --engine direct" : "as it was brought up before" };
  }
  const engine = await findEngine({ report: c.report, signal: c.signal, retry: wanted === "pulumi" });
  if (!("missing" in engine)) return { way: "pulumi", engine };
  if (wanted === "pulumi") {
    throw new UserError(`The Pulumi engine cannot be used: ${engine.missing}.`, [
      forced
        ? "Install the Pulumi CLI, or leave out --engine pulumi to deploy without an engine."
        : "It brought this stack up before. Install the Pulumi CLI again, or take the stack down first.",
    ]);
  }
  return { way: "direct", why: engine.missing };
}

/** Which way has objects of this stack on this cluster, if any. */
async function broughtUpBy(
  settings: StackSettings,
  target: Target,
  signal: AbortSignal,
): Promise<Way["way"] | undefined> {
  if (await hasEngineStack({ ...settings, ...target, signal })) return "pulumi";
  const inventory = { apiVersion: "v1", kind: "ConfigMap", namespace: "default" };
  const name = inventoryName(settings.project, settings.stack);
  return (await exists(target, { ...inventory, name }, signal)) ? "direct" : undefined;
}

export function describeWay(way: Way): string {
  return way.way === "pulumi"
    ? `with the Pulumi engine ${way.engine.version} (${way.engine.origin})`
    : `without the Pulumi engine (${way.why}): program and objects are the same, there is no state file`;
}

/** What a person asks of a deployment beside its settings. */
export interface DeployOptions {
  /** Outputs of other stacks, for a run without an engine. */
  otherStacks?: OtherStacks;
  /** Hears what the program exports. */
  onOutputs?(outputs: Outputs): void;
}

/** Brings the stack up and says in a few words what changed. */
export async function deploy(
  way: Way,
  settings: StackSettings,
  target: Target,
  c: BuildContext,
  { otherStacks = new Map(), onOutputs }: DeployOptions = {},
): Promise<string> {
  const onEvent = eventLines(c);
  const packs = await packsOf(settings, c.signal);
  const options = { ...settings, ...target, packs, onEvent, signal: c.signal };
  const { stack, secretConfigKeys } = settings;
  const tell = (result: Result): string => {
    onOutputs?.(result);
    return describeChanges(result);
  };
  if (way.way === "direct") {
    if (secretConfigKeys.length > 0) throw undecrypted(stack, secretConfigKeys);
    return tell(await directUp({ ...options, otherStacks }));
  }
  if (otherStacks.size > 0) {
    throw new UserError("--stack-output is for runs without an engine, and this one has the Pulumi engine.", [
      "Leave it out: the engine finds other stacks in its own state. Or use --engine direct.",
    ]);
  }
  return tell(await engineUp({ ...options, config: engineConfig(settings), engine: way.engine }));
}

/** Shows what happens as it happens, and keeps all of it in the log. */
export function eventLines(c: BuildContext): (event: RunEvent) => void {
  return (event) => {
    const line = describeEvent(event);
    if (line === undefined) return;
    appendFileSync(c.log, `${line}\n`);
    c.report(line);
  };
}

function describeEvent(event: RunEvent): string | undefined {
  if (event.type === "phase") return undefined;
  if (event.type === "log")
    return event.severity === "info" ? event.message : `${event.severity}: ${event.message}`;
  if (event.op === "same" || event.op === "read" || event.status !== "done") return undefined;
  const where = event.namespace ? `${event.namespace}/` : "";
  return `${event.op} ${event.kind} ${where}${event.name}`;
}

function describeChanges(result: Result): string {
  const words = ["created", "updated", "replaced", "deleted", "unchanged"] as const;
  return words
    .filter((word) => result[word] > 0)
    .map((word) => `${result[word]} ${word}`)
    .join(", ");
}

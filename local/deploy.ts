import { appendFileSync } from "node:fs";
import type { BuildContext } from "./cache";
import { type Engine, engineUp, type Result } from "./engine";
import { refuseInventory } from "./engine/inventory";
import { packsOf } from "../cli/policies/packs";
import { repository } from "./caller";
import { describeLog, type Outputs, type RunEvent } from "../recorder";
import { type StackSettings } from "../cli/stack";
import { engineConfig } from "./stack";

/** Where to: a kubeconfig file, a context in it, both optional as for kubectl. */
export interface Target {
  kubeconfig?: string;
  context?: string;
}

export function describeEngine({ version, origin, remarks }: Engine): string[] {
  return [`Pulumi ${version} (${origin})`, ...remarks];
}

/** What a person asks of a deployment beside its settings. */
export interface DeployOptions {
  /** Compares the state with the cluster first, for a cluster that may have lost objects. Default false, as `pulumi up` has it. */
  refresh?: boolean;
  /** Lines that have been shown already. */
  told?: ReadonlySet<string>;
  /** Hears what the program exports. */
  onOutputs?(outputs: Outputs): void;
}

/** Brings the stack up with the Pulumi engine and says in a few words what changed. */
export async function deploy(
  engine: Engine,
  settings: StackSettings,
  target: Target,
  c: BuildContext,
  { refresh, told, onOutputs }: DeployOptions = {},
): Promise<string> {
  const { signal } = c;
  await refuseInventory(settings, target, signal);
  const packs = await packsOf(settings, repository, signal);
  const { projectDir, stack } = settings;
  const config = engineConfig(settings);
  const result = await engineUp({
    ...{ engine, projectDir, stack, config, packs, signal },
    ...target,
    refresh,
    onEvent: eventLines(c, told),
  });
  onOutputs?.(result);
  return describeChanges(result);
}

/** Shows what happens as it happens, and keeps all of it in the log. */
export function eventLines(
  c: BuildContext,
  told: ReadonlySet<string> = new Set(),
): (event: RunEvent) => void {
  const warned = new Set(told);
  const started = new Map<string, number>();
  return (event) => {
    if (event.type === "resource" && event.status === "start") started.set(event.urn, Date.now());
    const line = describeEvent(event, started);
    if (line === undefined) return;
    appendFileSync(c.log, `${line}\n`);
    if (event.type === "log" && event.severity === "warning") {
      if (warned.has(line)) return;
      warned.add(line);
    }
    c.report(line);
  };
}

/** The line that a person sees of an event, if there is one. */
export function describeEvent(
  event: RunEvent,
  started: ReadonlyMap<string, number> = new Map(),
): string | undefined {
  if (event.type === "phase") return undefined;
  if (event.type === "log")
    return event.severity === "info" ? event.message : `${event.severity}: ${describeLog(event)}`;
  if (event.op === "same" || event.op === "read" || event.status !== "done") return undefined;
  const where = event.namespace ? `${event.namespace}/` : "";
  const since = started.get(event.urn);
  const took = since === undefined ? "" : ` [${((Date.now() - since) / 1000).toFixed(1)}s]`;
  return `${event.op} ${event.kind} ${where}${event.name}${took}`;
}

function describeChanges(result: Result): string {
  const words = ["created", "updated", "replaced", "deleted", "unchanged"] as const;
  return words
    .filter((word) => result[word] > 0)
    .map((word) => `${result[word]} ${word}`)
    .join(", ");
}

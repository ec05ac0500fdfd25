import { appendFileSync } from "node:fs";
import type { BuildContext } from "./cache";
import { type Engine, engineUp, type Result } from "./engine";
import { refuseInventory } from "./engine/inventory";
import { packsOf } from "../cli/policies/packs";
import { repository } from "./caller";
import { describeLog, type Outputs, type RunEvent } from "../recorder";
import { type StackSettings } from "../cli/stack";
import { engineConfig } from "./stack";

/** The target: a kubeconfig file and a context in it, both optional as for kubectl. */
export interface Target {
  kubeconfig?: string;
  context?: string;
}

export function describeEngine({ version, origin, remarks }: Engine): string[] {
  return [`Pulumi ${version} (${origin})`, ...remarks];
}

/** Options of a deployment, in addition to its settings. */
export interface DeployOptions {
  /**
   * Refreshes the state first, for a cluster that may have lost objects. Default: false, as in `pulumi up`.
   */
  refresh?: boolean;
  /** Lines that are already shown. */
  told?: ReadonlySet<string>;
  /** Receives the program's exports. */
  onOutputs?(outputs: Outputs): void;
}

/** Brings the stack up with the Pulumi engine, and returns a summary of the changes. */
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

/** Shows events as they occur, and writes all to the log. */
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

/** The displayed line of an event, if any. */
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

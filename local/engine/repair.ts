import type { Stack } from "@pulumi/pulumi/automation";
import type { EventHandler } from "../record/events";
import { idOf, kindOf } from "../record/objects";
import { exists, type Target } from "./cluster";

interface Resource {
  urn: string;
  type: string;
  id?: string;
  delete?: boolean;
  inputs?: { metadata?: { name?: unknown; namespace?: unknown } };
}

/** The parts of an exported state that matter here. */
export interface State {
  resources?: Resource[];
  pending_operations?: { type: string; resource: Resource }[];
}

export async function stateOf(stack: Stack): Promise<State> {
  const exported = await stack.exportStack();
  return (exported.deployment as State | null) ?? {};
}

/**
 * A run that was killed leaves operations in the state of which nobody knows how they ended, and the engine only warns. Here the
 * cluster is asked: an object that was created after all is taken into the state, one that was not is forgotten, and everything is read anew.
 */
export async function repairPending(
  stack: Stack,
  target: Target,
  onEvent: EventHandler | undefined,
  signal: AbortSignal,
): Promise<void> {
  const exported = await stack.exportStack();
  const state = (exported.deployment as State | null) ?? {};
  const { pending_operations: pending = [], resources = [] } = state;
  if (pending.length === 0) return;
  onEvent?.({
    type: "log",
    severity: "info",
    message: `An earlier run was cut off during ${pending.length} operation(s): comparing the state with the cluster first.`,
  });
  for (const { type, resource } of pending) {
    const reference = type === "creating" ? referenceOf(resource) : undefined;
    if (!reference || !(await exists(target, reference, signal))) continue;
    // A replacement was under way: what it replaces is the one to delete.
    for (const old of resources.filter(({ urn }) => urn === resource.urn)) old.delete = true;
    resources.push({ ...resource, id: idOf(reference) });
  }
  state.pending_operations = pending.filter(({ type }) => type !== "creating");
  await stack.importStack(exported);
  await stack.refresh({ signal });
}

function referenceOf({ type, inputs }: Resource) {
  const { name, namespace } = inputs?.metadata ?? {};
  if (!type.startsWith("kubernetes:") || typeof name !== "string") return undefined;
  return { ...kindOf(type), name, ...(typeof namespace === "string" ? { namespace } : {}) };
}

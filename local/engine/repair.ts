import fs from "node:fs";
import path from "node:path";
import type { StepEventStateMetadata } from "@pulumi/pulumi/automation";
import type { EventHandler } from "../../recorder/events";
import { idOf, kindOf } from "../../recorder/objects";
import { exists, type Target } from "./cluster";
import { replaceFile } from "./files";
import type { OpenStack } from "./workspace";

interface Resource {
  urn: string;
  type: string;
  id?: string;
  delete?: boolean;
  inputs?: { metadata?: { name?: unknown; namespace?: unknown } };
}

interface Pending {
  type: string;
  resource: Resource;
}

/** The relevant parts of an exported state. */
export interface State {
  resources?: Resource[];
  pending_operations?: Pending[];
}

/** The state with the creations of an interrupted run as pending operations. */
export async function stateOf(opened: OpenStack): Promise<Required<State>> {
  return (await exportOf(opened)).state;
}

async function exportOf({ stack, folder }: OpenStack) {
  const exported = await stack.exportStack();
  const {
    resources = [],
    pending_operations: pending = [],
    ...others
  } = (exported.deployment ?? {}) as State;
  const state = { ...others, resources, pending_operations: [...pending, ...cancelledIn(folder)] };
  return { exported, state };
}

/**
 * Saves creations with requests that an interrupt cancelled. The provider reports them as failed and the
 * engine forgets them, but Kubernetes may have created the objects. They are in a file beside the state,
 * because an import drops pending operations.
 */
export function rememberCancelled({ folder }: OpenStack, creations: readonly StepEventStateMetadata[]): void {
  if (creations.length === 0) return;
  const pending = creations.map((resource) => ({ type: "creating", resource }));
  replaceFile(cancelledFile(folder), JSON.stringify([...cancelledIn(folder), ...pending]), 0o600);
}

function cancelledIn(folder: string): Pending[] {
  const file = cancelledFile(folder);
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as Pending[]) : [];
}

const cancelledFile = (folder: string) => path.join(folder, "cancelled-creations.json");

/**
 * A killed run leaves operations with an unknown outcome in the state, and the engine only warns. This
 * function checks the cluster: it adds created objects to the state, forgets others, and refreshes
 * everything.
 */
export async function repairPending(
  opened: OpenStack,
  target: Target,
  onEvent: EventHandler | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { stack, folder } = opened;
  const { exported, state } = await exportOf(opened);
  const { resources, pending_operations: pending } = state;
  if (pending.length === 0) return;
  onEvent?.({
    type: "log",
    severity: "info",
    message: `An earlier run was cut off during ${pending.length} operation(s): comparing the state with the cluster first.`,
  });
  for (const { type, resource } of pending) {
    const reference = type === "creating" ? referenceOf(resource) : undefined;
    if (!reference || !(await exists(target, reference, signal))) continue;
    // During a replacement, the replaced object must be deleted.
    for (const old of resources.filter(({ urn }) => urn === resource.urn)) old.delete = true;
    resources.push({ ...resource, id: idOf(reference) });
  }
  const others = pending.filter(({ type }) => type !== "creating");
  await stack.importStack({ ...exported, deployment: { ...state, pending_operations: others } });
  fs.rmSync(cancelledFile(folder), { force: true });
  await stack.refresh({ signal });
}

function referenceOf({ type, inputs }: Resource) {
  const { name, namespace } = inputs?.metadata ?? {};
  if (!type.startsWith("kubernetes:") || typeof name !== "string") return undefined;
  return { ...kindOf(type), name, ...(typeof namespace === "string" ? { namespace } : {}) };
}

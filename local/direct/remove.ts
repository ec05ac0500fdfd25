import { type EventHandler, type Finding, messageOf } from "../record/events";
import { describe } from "../record/objects";
import { deleteAndAwait, DEFAULT_TIMEOUT } from "./await";
import type { Entry, Inventory } from "./inventory";
import type { Providers } from "./providers";

/** Why these objects may not be removed, one finding for each protected one. */
export function protectedFindings(entries: Entry[]): Finding[] {
  return entries
    .filter((entry) => entry.protect)
    .map((entry) => ({
      urn: entry.urn,
      message: `${describe(entry)} is protected and would be deleted. Keep it in the program, or set protect to false there and bring the stack up once before removing it.`,
    }));
}

/**
 * Deletes objects of the inventory, dependents before what they depend on and otherwise side by side, each in the foreground and awaited. What cannot be deleted
 * keeps what it depends on. Every object is taken out of the inventory once it has gone.
 */
export async function removeEntries(
  entries: Entry[],
  inventory: Inventory,
  providers: Providers,
  signal: AbortSignal,
  onEvent: EventHandler,
): Promise<{ deleted: Entry[]; findings: Finding[] }> {
  const deleted: Entry[] = [];
  const findings: Finding[] = [];
  const urns = new Set(entries.map((entry) => entry.urn));
  const first = order(entries);
  const results = new Map<Entry, Promise<boolean>>();

  function remove(entry: Entry): Promise<boolean> {
    let result = results.get(entry);
    if (!result) {
      result = Promise.all(first.get(entry)!.map(remove)).then(async (gone) => {
        if (gone.includes(false)) {
          findings.push({
            urn: entry.urn,
            message: `${describe(entry)} stays, because something that depends on it does.`,
          });
          return false;
        }
        return one(entry);
      });
      results.set(entry, result);
    }
    return result;
  }

  async function one(entry: Entry): Promise<boolean> {
    const { urn, kind, name, namespace } = entry;
    const event = { type: "resource", urn, kind, name, namespace, op: "delete" } as const;
    onEvent({ ...event, status: "start" });
    try {
      const kept = await removeObject(entry);
      await inventory.remove(entry, signal);
      onEvent({ ...event, status: "done", ...(kept ? { message: kept } : {}) });
      if (!kept) {
        deleted.push(entry);
      }
      return true;
    } catch (error) {
      findings.push({
        urn,
        message: signal.aborted
          ? `${describe(entry)}: interrupted while it was being deleted.`
          : messageOf(error),
      });
      onEvent({ ...event, status: "failed", message: messageOf(error) });
      return false;
    }
  }

  /** Returns why the object was left where it is, if it was. */
  async function removeObject(entry: Entry): Promise<string | undefined> {
    signal.throwIfAborted();
    if (entry.retainOnDelete) {
      return "kept: retainOnDelete";
    }
    if (entry.deletedWith && urns.has(entry.deletedWith)) {
      return undefined; // it goes with what is deleted after it
    }
    const target = providers.target(entry.provider ?? "");
    if (!target) {
      throw new Error(
        `${describe(entry)}: the connection of its provider ${entry.provider} is not known any more. Delete it by hand.`,
      );
    }
    const live = await target.cluster.get(entry, signal);
    if (!live) {
      return undefined;
    }
    if (entry.uid !== undefined && live.metadata.uid !== entry.uid) {
      return "kept: somebody else has created it anew";
    }
    await deleteAndAwait(target.cluster, entry, entry.deleteTimeout ?? DEFAULT_TIMEOUT, signal, (message) =>
      onEvent({ type: "log", severity: "info", message, urn: entry.urn }),
    );
    return undefined;
  }

  await Promise.all(entries.map(remove));
  return { deleted, findings };
}

/** For each entry, those that have to go before it. Edges that would close a circle are left out. */
function order(entries: Entry[]): Map<Entry, Entry[]> {
  const first = new Map<Entry, Entry[]>();
  const open = new Set<Entry>();
  function visit(entry: Entry): void {
    open.add(entry);
    const before: Entry[] = [];
    first.set(entry, before);
    for (const other of entries) {
      if (other !== entry && !open.has(other) && dependsOn(other, entry)) {
        before.push(other);
        if (!first.has(other)) {
          visit(other);
        }
      }
    }
    open.delete(entry);
  }
  for (const entry of entries) {
    if (!first.has(entry)) {
      visit(entry);
    }
  }
  return first;
}

function dependsOn(entry: Entry, other: Entry): boolean {
  const inNamespace =
    other.kind === "Namespace" && other.apiVersion === "v1" && entry.namespace === other.name;
  return (
    inNamespace ||
    entry.deletedWith === other.urn ||
    (entry.urn !== other.urn && entry.dependencies.includes(other.urn))
  );
}

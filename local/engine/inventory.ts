import { createHash } from "node:crypto";
import { UserError } from "../../recorder/errors";
import { exists, type Target } from "./cluster";

/**
 * The ConfigMap and the Secret, in the namespace `default`, that an earlier version of this package kept of a stack which it had brought up without an engine.
 * Whoever brings such a stack up by the engine must look for them: the engine knows nothing of its objects.
 */
export function inventoryName(project: string, stack: string): string {
  const plain = `flink-kubernetes-${project}-${stack}`;
  const name = plain.toLowerCase().replace(/[^a-z0-9.-]/g, "-");
  return name === plain && name.length <= 200 && /[a-z0-9]$/.test(name)
    ? name
    : `${name.slice(0, 200)}-${createHash("sha256").update(plain).digest("hex").slice(0, 8)}`;
}

/** Stops before anything is changed where an earlier version has brought this stack up: the engine would find its objects in the way. */
export async function refuseInventory(
  { project, stack }: { project: string; stack: string },
  target: Target,
  signal: AbortSignal,
): Promise<void> {
  const name = inventoryName(project, stack);
  const inventory = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name };
  if (!(await exists(target, inventory, signal))) return;
  throw new UserError(
    `An earlier version of this project brought stack ${stack} up on this cluster without the Pulumi engine, and listed its objects in the ConfigMap default/${name}. Nothing was changed.`,
    ["Hand the objects over to the engine first, without losing jobs: docs/taking-over.md"],
  );
}

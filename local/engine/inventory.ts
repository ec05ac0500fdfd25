import { createHash } from "node:crypto";
import { UserError } from "../../recorder/errors";
import { exists, type Target } from "./cluster";

/**
 * The ConfigMap and the Secret in the namespace `default` where an earlier version of this package kept the
 * state of a stack without an engine. The engine does not know such objects, so an update must look for them
 * first.
 */
export function inventoryName(project: string, stack: string): string {
  const plain = `flink-kubernetes-${project}-${stack}`;
  const name = plain.toLowerCase().replace(/[^a-z0-9.-]/g, "-");
  return name === plain && name.length <= 200 && /[a-z0-9]$/.test(name)
    ? name
    : `${name.slice(0, 200)}-${createHash("sha256").update(plain).digest("hex").slice(0, 8)}`;
}

/**
 * Throws before any change if an earlier version has brought this stack up, since the objects would conflict.
 */
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

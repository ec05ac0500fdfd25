import { parseQuantity } from "../../components/args/quantity";
import type { Value } from "./value";

export { parseQuantity } from "../../components/args/quantity";
export { parseMemorySize } from "../../components/flink/memory-size";

/**
 * The number of a Kubernetes quantity (cores, bytes): undefined if it is absent, unknown or not a quantity.
 */
export function quantityOf(value: Value): number | undefined {
  const text = value.scalar();
  return text === undefined ? undefined : parseQuantity(text);
}

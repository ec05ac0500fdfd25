import { parseQuantity } from "../../components/args/quantity";
import type { Value } from "./value";

export { parseQuantity } from "../../components/args/quantity";
export { parseMemorySize } from "../../components/flink/memory-size";

/** The number that a Kubernetes quantity stands for (cores, bytes): undefined when it is absent, unknown or no quantity. */
export function quantityOf(value: Value): number | undefined {
  const text = value.scalar();
  return text === undefined ? undefined : parseQuantity(text);
}

import type { PackDefinition } from "../core/analyzer";
import { pack as flink } from "../flink/pack";
import { pack as kubernetes } from "../kubernetes/pack";

/** The packs of this package, by the names of their folders. */
export const packs: Readonly<Record<string, PackDefinition>> = { kubernetes, flink };

import type { ProcessMemory } from "../flink/memory";
import { humanReadable, parseMemorySize, suggestMemorySize, withoutSizeUnit } from "../flink/memory-size";
import type { Problem } from "../problems";

const mebibyte = 2 ** 20;
const metaspace = 256 * mebibyte;
const overhead = 192 * mebibyte;
const smallestHeap = 64 * mebibyte;

/** Memory of a process without a memory model in Flink: everything beyond the fixed parts is heap. */
export function checkHeapMemory(path: string, text: string, problems: Problem[]): ProcessMemory | undefined {
  const bare = withoutSizeUnit(text);
  if (bare) {
    problems.push({ path, value: text, ...bare });
    return undefined;
  }
  const processSize = parseMemorySize(text);
  if (processSize === undefined) {
    const reason = "this is not a memory size in Flink's notation";
    problems.push({ path, value: text, reason, fix: suggestMemorySize(text) });
    return undefined;
  }
  const jvmHeap = Math.floor((processSize - metaspace - overhead) / mebibyte) * mebibyte;
  if (jvmHeap < smallestHeap) {
    const least = `${(metaspace + overhead + smallestHeap) / mebibyte}m`;
    const reason = `classes and threads take ${humanReadable(BigInt(metaspace + overhead))}, which leaves too little for the heap`;
    problems.push({ path, value: text, reason, fix: `write at least ${least}` });
    return undefined;
  }
  return {
    processSize,
    flinkSize: jvmHeap,
    jvmHeap,
    jvmMetaspace: metaspace,
    jvmOverhead: overhead,
    jvmArguments: [],
    dynamicProperties: [],
  };
}

/** JVM options of the process: the sizes first, then the user's options, which win. */
export function heapOptions({ jvmHeap }: ProcessMemory, given: unknown): string {
  const sizes = `-Xmx${jvmHeap / mebibyte}m -XX:MaxMetaspaceSize=${metaspace / mebibyte}m`;
  return typeof given === "string" ? `${sizes} ${given}` : sizes;
}

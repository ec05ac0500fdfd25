/** The arithmetic of Flink's memory model, on 64-bit integers as in Flink. */
import { humanReadable, multiply } from "./memory-size";
import { Malformed, type Options, type Range, Refused } from "./memory-options";

export interface JobManagerParts {
  total: bigint;
  heap: bigint;
  offHeap: bigint;
}

export interface TaskManagerParts {
  total: bigint;
  frameworkHeap: bigint;
  taskHeap: bigint;
  frameworkOffHeap: bigint;
  taskOffHeap: bigint;
  network: bigint;
  managed: bigint;
}

export interface Process {
  metaspace: bigint;
  overhead: bigint;
}

const clamp = (value: bigint, range: Range) =>
  value > range.max ? range.max : value < range.min ? range.min : value;

const portion = (base: bigint, range: Range) => clamp(multiply(base, range.fraction), range);

/** The amount that, added to `base`, is `fraction` of the sum. */
const inversePortion = (base: bigint, range: Range) =>
  clamp(multiply(base, range.fraction / (1 - range.fraction)), range);

/**
 * The common derivation for both roles. Flink looks, in this order, for the sizes of the fine-grained set,
 * the total Flink memory, and the total process memory.
 */
export function derive<Parts extends { total: bigint }>(
  options: Options,
  fineGrained: string[],
  fromParts: (options: Options) => Parts,
  fromTotal: (options: Options, total: bigint) => Parts,
): Parts & Process {
  if (fineGrained.every((name) => options.has(name))) {
    const parts = fromParts(options);
    return { ...parts, ...aroundFlink(options, parts.total) };
  }
  if (options.has("flink.size")) {
    const parts = fromTotal(options, options.size("flink.size"));
    return { ...parts, ...aroundFlink(options, parts.total) };
  }
  if (options.has("process.size")) {
    const process = insideProcess(options, options.size("process.size"));
    return { ...fromTotal(options, process.total), ...process };
  }
  throw new Refused(
    `Either required fine-grained memory (${fineGrained.map((name) => options.prefix + name).join(" and ")}), or Total ` +
      `Flink Memory size ('${options.prefix}flink.size'), or Total Process Memory size ('${options.prefix}process.size') need to ` +
      `be configured explicitly.`,
  );
}

/** Adds metaspace and overhead to a known Flink memory. */
function aroundFlink(options: Options, flink: bigint): Process {
  const metaspace = options.size("jvm-metaspace.size");
  if (!options.has("process.size")) {
    return { metaspace, overhead: inversePortion(flink + metaspace, options.range("jvm-overhead")) };
  }
  const total = options.size("process.size");
  const overhead = total - flink - metaspace;
  if (overhead < 0n) {
    throw new Refused(
      `The configured Total Process Memory size (${humanReadable(total)}) is less than the sum of the derived Total Flink ` +
        `Memory size (${humanReadable(flink)}) and the configured or default JVM Metaspace size  (${humanReadable(metaspace)}).`,
    );
  }
  const range = options.range("jvm-overhead");
  if (overhead < range.min || overhead > range.max) {
    throw new Refused(
      `Derived JVM Overhead size (${humanReadable(overhead)}) is not in configured JVM Overhead range ` +
        `[${humanReadable(range.min)}, ${humanReadable(range.max)}].`,
    );
  }
  return { metaspace, overhead };
}

/** Subtracts metaspace and overhead from a known process memory. */
function insideProcess(options: Options, size: bigint): Process & { total: bigint } {
  const metaspace = options.size("jvm-metaspace.size");
  const overhead = portion(size, options.range("jvm-overhead"));
  if (metaspace + overhead > size) {
    throw new Refused(
      `Sum of configured JVM Metaspace (${humanReadable(metaspace)}) and JVM Overhead (${humanReadable(overhead)}) exceed ` +
        `configured Total Process Memory (${humanReadable(size)}).`,
    );
  }
  return { metaspace, overhead, total: size - metaspace - overhead };
}

export function jobManagerFromParts(options: Options): JobManagerParts {
  const heap = options.size("heap.size");
  let offHeap = options.size("off-heap.size");
  if (options.has("flink.size")) {
    const total = options.size("flink.size");
    if (!options.has("off-heap.size")) {
      if (total < heap) {
        throw new Refused(
          `The configured JVM Heap Memory (${humanReadable(heap)}) exceeds the configured Total Flink Memory ` +
            `(${humanReadable(total)}). Please, make the configuration consistent or configure only one option: either JVM ` +
            `Heap or Total Flink Memory.`,
        );
      }
      offHeap = total - heap;
    } else if (heap + offHeap !== total) {
      throw new Refused(
        `Sum of the configured JVM Heap Memory (${humanReadable(heap)}) and the configured Off-heap Memory ` +
          `(${humanReadable(offHeap)}) does not match the configured Total Flink Memory (${humanReadable(total)}). Please, ` +
          `make the configuration consistent or configure only one option: either JVM Heap or Total Flink Memory.`,
      );
    }
  }
  return { total: heap + offHeap, heap, offHeap };
}

export function jobManagerFromTotal(options: Options, total: bigint): JobManagerParts {
  const offHeap = options.size("off-heap.size");
  if (total <= offHeap) {
    throw new Refused(
      `The configured Total Flink Memory (${humanReadable(total)}) is less than the configured Off-heap Memory ` +
        `(${humanReadable(offHeap)}).`,
    );
  }
  return { total, heap: total - offHeap, offHeap };
}

const sum = (values: bigint[]) => values.reduce((a, b) => a + b, 0n);

/** Puts `prefix` before the reason of a refusal in `run`. */
function rephrase<T>(prefix: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof Refused && !(error instanceof Malformed)
      ? new Refused(prefix + error.message)
      : error;
  }
}

function refuseSum(parts: [string, bigint][], total: bigint): never {
  const shown = parts.map(([name, size]) => `${name} Memory (${humanReadable(size)})`);
  throw new Refused(
    `Sum of configured ${shown.slice(0, -1).join(", ")} and ${shown.at(-1)} exceed configured Total Flink Memory ` +
      `(${humanReadable(total)}).`,
  );
}

/** Network memory as the rest of the total after the other five parts. */
function restForNetwork(options: Options, parts: [string, bigint][], total: bigint, legacy?: bigint): bigint {
  const others = sum(parts.map(([, size]) => size));
  if (others > total) {
    refuseSum(parts, total);
  }
  const network = total - others;
  const inconsistent =
    "If Total Flink, Task Heap and (or) Managed Memory sizes are explicitly configured then the Network Memory size is the " +
    "rest of the Total Flink memory after subtracting all other configured types of memory, but the derived Network Memory " +
    "is inconsistent with its configuration.";
  if (legacy !== undefined) {
    if (network !== legacy) {
      throw new Refused(
        `${inconsistent} Derived Network Memory size (${humanReadable(network)}) does not match configured Network Memory ` +
          `size (${humanReadable(legacy)}).`,
      );
    }
    return network;
  }
  const range = rephrase(`${inconsistent} `, () => options.range("network"));
  if (network < range.min || network > range.max) {
    throw new Refused(
      `${inconsistent} Derived Network Memory size (${humanReadable(network)}) is not in configured Network Memory range ` +
        `[${humanReadable(range.min)}, ${humanReadable(range.max)}].`,
    );
  }
  return network;
}

export function taskManagerFromParts(options: Options, legacyNetwork?: bigint): TaskManagerParts {
  const sizes = {
    frameworkHeap: options.size("framework.heap.size"),
    frameworkOffHeap: options.size("framework.off-heap.size"),
    taskHeap: options.size("task.heap.size"),
    taskOffHeap: options.size("task.off-heap.size"),
    managed: options.size("managed.size"),
  };
  const others = sum(Object.values(sizes));
  const network = options.has("flink.size")
    ? restForNetwork(options, named(sizes), options.size("flink.size"), legacyNetwork)
    : (legacyNetwork ?? inversePortion(others, options.range("network")));
  return { ...sizes, network, total: others + network };
}

export function taskManagerFromTotal(
  options: Options,
  total: bigint,
  legacyNetwork?: bigint,
): TaskManagerParts {
  const frameworkHeap = options.size("framework.heap.size");
  const frameworkOffHeap = options.size("framework.off-heap.size");
  const taskOffHeap = options.size("task.off-heap.size");
  const managed = () =>
    options.has("managed.size") ? options.size("managed.size") : portion(total, options.range("managed"));
  if (options.has("task.heap.size")) {
    const taskHeap = options.size("task.heap.size");
    const sizes = { frameworkHeap, frameworkOffHeap, taskHeap, taskOffHeap, managed: managed() };
    return { ...sizes, network: restForNetwork(options, named(sizes), total, legacyNetwork), total };
  }
  const sizes = {
    frameworkHeap,
    frameworkOffHeap,
    taskOffHeap,
    managed: managed(),
    network: legacyNetwork ?? portion(total, options.range("network")),
  };
  const others = sum(Object.values(sizes));
  if (others > total) {
    refuseSum(named(sizes), total);
  }
  return { ...sizes, taskHeap: total - others, total };
}

const NAMES: Record<string, string> = {
  frameworkHeap: "Framework Heap",
  frameworkOffHeap: "Framework Off-Heap",
  taskHeap: "Task Heap",
  taskOffHeap: "Task Off-Heap",
  managed: "Managed",
  network: "Network",
};

const named = (sizes: Record<string, bigint>) =>
  Object.entries(sizes).map(([name, size]): [string, bigint] => [NAMES[name], size]);

/**
 * Flink's memory model: what its start scripts compute from the configuration before they start the JVM. It is exact, so
 * that the launcher can start the JVM directly and the memory limit of a pod equals the process size. Held to Flink's own
 * classes by tests/unit/flink/memory-oracle.test.ts.
 */
import { humanReadable, MAX_SIZE, MIB, multiply, parseBytes, suggestMemorySize } from "./memory-size";
import type { FlinkRelease } from "./versions";
import { javaHashOrder, parseJavaNumber, showJavaDouble } from "./java";

export { parseMemorySize } from "./memory-size";

export type Entries = ReadonlyMap<string, string> | Readonly<Record<string, string>>;

/** `error` is what Flink would say; `fix` is what to write instead, with the smallest value that works where there is one. */
export type MemoryResult<T> = { memory: T } | { error: string; fix: string };

/** All sizes are bytes. */
export interface ProcessMemory {
  /** Everything: what the memory limit of the container must be. */
  processSize: number;
  /** Everything but metaspace and overhead. */
  flinkSize: number;
  jvmHeap: number;
  jvmMetaspace: number;
  /** For the JVM's own native memory: threads, code cache, garbage collector. */
  jvmOverhead: number;
  /** The JVM flags, in the order in which Flink's scripts pass them. */
  jvmArguments: string[];
  /** What Flink's scripts hand back to the process with `-D`, in their order. */
  dynamicProperties: [key: string, value: string][];
}

export interface JobManagerMemory extends ProcessMemory {
  offHeap: number;
}

export interface TaskManagerMemory extends ProcessMemory {
  frameworkHeap: number;
  taskHeap: number;
  frameworkOffHeap: number;
  taskOffHeap: number;
  network: number;
  managed: number;
  /** Framework off-heap, task off-heap and network: the JVM's limit for direct memory. */
  jvmDirect: number;
  slots: number;
}

/** JobManager heap below which Flink warns that it may not work. */
export const SMALL_JOB_MANAGER_HEAP = Number(128n * MIB);

class Refused extends Error {}

interface Range {
  min: bigint;
  max: bigint;
  fraction: number;
}

interface JobManagerParts {
  total: bigint;
  heap: bigint;
  offHeap: bigint;
}

interface TaskManagerParts {
  total: bigint;
  frameworkHeap: bigint;
  taskHeap: bigint;
  frameworkOffHeap: bigint;
  taskOffHeap: bigint;
  network: bigint;
  managed: bigint;
}

interface Process {
  metaspace: bigint;
  overhead: bigint;
}

type Get = (key: string) => string | undefined;

const JOB_MANAGER = "jobmanager.memory.";
const TASK_MANAGER = "taskmanager.memory.";

const DEFAULTS: Record<string, string> = {
  [`${JOB_MANAGER}off-heap.size`]: "128m",
  [`${TASK_MANAGER}framework.heap.size`]: "128m",
  [`${TASK_MANAGER}framework.off-heap.size`]: "128m",
  [`${TASK_MANAGER}task.off-heap.size`]: "0",
  [`${TASK_MANAGER}managed.fraction`]: "0.4",
  [`${TASK_MANAGER}network.min`]: "64m",
  [`${TASK_MANAGER}network.max`]: String(MAX_SIZE),
  [`${TASK_MANAGER}network.fraction`]: "0.1",
};
for (const prefix of [JOB_MANAGER, TASK_MANAGER]) {
  DEFAULTS[`${prefix}jvm-metaspace.size`] = "256m";
  DEFAULTS[`${prefix}jvm-overhead.min`] = "192m";
  DEFAULTS[`${prefix}jvm-overhead.max`] = "1g";
  DEFAULTS[`${prefix}jvm-overhead.fraction`] = "0.1";
}

/** Old names that Flink still reads when the new one is not set. */
const ALIASES: Record<string, string> = {
  [`${TASK_MANAGER}managed.size`]: "taskmanager.memory.size",
  [`${TASK_MANAGER}network.min`]: "taskmanager.network.memory.min",
  [`${TASK_MANAGER}network.max`]: "taskmanager.network.memory.max",
  [`${TASK_MANAGER}network.fraction`]: "taskmanager.network.memory.fraction",
};

/** One role's view of the configuration. */
class Options {
  constructor(
    readonly prefix: string,
    private readonly lookUp: Get,
  ) {}

  raw(name: string): string | undefined {
    const key = this.prefix + name;
    return this.lookUp(key) ?? (ALIASES[key] && this.lookUp(ALIASES[key]));
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  size(name: string): bigint {
    const key = this.prefix + name;
    const text = this.raw(name) ?? DEFAULTS[key];
    const bytes = parseBytes(text);
    if (bytes === undefined) {
      throw new Malformed(key, text, suggestMemorySize(text));
    }
    return bytes;
  }

  range(name: string): Range {
    const fraction = this.fraction(`${name}.fraction`);
    const unbounded = name === "managed";
    const min = unbounded ? 0n : this.size(`${name}.min`);
    const max = unbounded ? MAX_SIZE : this.size(`${name}.max`);
    if (min > max || !(fraction >= 0 && fraction < 1)) {
      throw new Refused(
        `Inconsistently configured '${this.prefix}${name}.fraction' (${fraction}) and its min ` +
          `(${humanReadable(min)}), max (${humanReadable(max)}) value: the fraction must be at least 0 and below 1, and min not above max.`,
      );
    }
    return { min, max, fraction };
  }

  private fraction(name: string): number {
    const key = this.prefix + name;
    const text = this.raw(name) ?? DEFAULTS[key];
    const value = parseJavaNumber(text);
    if (value === undefined) {
      throw new Malformed(key, text, "a number between 0 and 1, such as 0.4");
    }
    return Math.fround(value); // the option is a Java float
  }
}

class Malformed extends Refused {
  constructor(
    readonly key: string,
    text: string,
    readonly suggestion: string,
  ) {
    super(`Could not parse value '${text}' for key '${key}'.`);
  }
}

const clamp = (value: bigint, range: Range) =>
  value > range.max ? range.max : value < range.min ? range.min : value;

const portion = (base: bigint, range: Range) => clamp(multiply(base, range.fraction), range);

/** The part that, added to `base`, is `fraction` of the sum. */
const inversePortion = (base: bigint, range: Range) =>
  clamp(multiply(base, range.fraction / (1 - range.fraction)), range);

/**
 * The common shape of both roles. Flink looks for three things, in this order: every size of the fine-grained set; the total
 * Flink memory; the total process memory.
 */
function derive<Parts extends { total: bigint }>(
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
      `Flink Memory size (${options.prefix}flink.size), or Total Process Memory size (${options.prefix}process.size) need to ` +
      `be configured explicitly.`,
  );
}

/** Metaspace and overhead around a known Flink memory. */
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
        `Memory (${humanReadable(flink)}) and the configured or default JVM Metaspace size (${humanReadable(metaspace)}).`,
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

/** Metaspace and overhead taken out of a known process memory. */
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

function jobManagerFromParts(options: Options): JobManagerParts {
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

function jobManagerFromTotal(options: Options, total: bigint): JobManagerParts {
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

function refuseSum(parts: [string, bigint][], total: bigint): never {
  const shown = parts.map(([name, size]) => `${name} Memory (${humanReadable(size)})`);
  throw new Refused(
    `Sum of configured ${shown.slice(0, -1).join(", ")} and ${shown.at(-1)} exceed configured Total Flink Memory ` +
      `(${humanReadable(total)}).`,
  );
}

/** Network memory as what the other five leave of the total. */
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
  const range = options.range("network");
  if (network < range.min || network > range.max) {
    throw new Refused(
      `${inconsistent} Derived Network Memory size (${humanReadable(network)}) is not in configured Network Memory range ` +
        `[${humanReadable(range.min)}, ${humanReadable(range.max)}].`,
    );
  }
  return network;
}

function taskManagerFromParts(options: Options, legacyNetwork?: bigint): TaskManagerParts {
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

function taskManagerFromTotal(options: Options, total: bigint, legacyNetwork?: bigint): TaskManagerParts {
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

/** The JobManager's memory, as Flink's scripts compute it from the same configuration. */
export function jobManagerMemory(config: Entries, release: FlinkRelease): MemoryResult<JobManagerMemory> {
  return attempt(lookUp(config, release), JOB_MANAGER, ["heap.size"], (get) => {
    const options = new Options(JOB_MANAGER, get);
    const m = derive(options, ["heap.size"], jobManagerFromParts, jobManagerFromTotal);
    const limitDirect = get(`${JOB_MANAGER}enable-jvm-direct-memory-limit`)?.trim().toLowerCase() === "true";
    return {
      ...common(m, m.heap, limitDirect ? m.offHeap : undefined),
      offHeap: Number(m.offHeap),
      dynamicProperties: properties({
        [`${JOB_MANAGER}heap.size`]: `${m.heap}b`,
        [`${JOB_MANAGER}off-heap.size`]: `${m.offHeap}b`,
        [`${JOB_MANAGER}jvm-metaspace.size`]: `${m.metaspace}b`,
        [`${JOB_MANAGER}jvm-overhead.min`]: `${m.overhead}b`,
        [`${JOB_MANAGER}jvm-overhead.max`]: `${m.overhead}b`,
      }),
    };
  });
}

/** A TaskManager's memory, as Flink's scripts compute it from the same configuration. */
export function taskManagerMemory(config: Entries, release: FlinkRelease): MemoryResult<TaskManagerMemory> {
  return attempt(lookUp(config, release), TASK_MANAGER, ["task.heap.size", "managed.size"], (get) => {
    const options = new Options(TASK_MANAGER, get);
    const legacy = release.legacyMemoryOptions ? legacyNetwork(get) : undefined;
    const m = derive(
      options,
      ["task.heap.size", "managed.size"],
      (o) => taskManagerFromParts(o, legacy),
      (o, total) => taskManagerFromTotal(o, total, legacy),
    );
    const slots = readSlots(get);
    const cores = readCores(get, slots);
    const direct = m.frameworkOffHeap + m.taskOffHeap + m.network;
    return {
      ...common(m, m.frameworkHeap + m.taskHeap, direct),
      frameworkHeap: Number(m.frameworkHeap),
      taskHeap: Number(m.taskHeap),
      frameworkOffHeap: Number(m.frameworkOffHeap),
      taskOffHeap: Number(m.taskOffHeap),
      network: Number(m.network),
      managed: Number(m.managed),
      jvmDirect: Number(direct),
      slots,
      dynamicProperties: properties({
        "taskmanager.cpu.cores": showJavaDouble(cores),
        [`${TASK_MANAGER}framework.heap.size`]: `${m.frameworkHeap}b`,
        [`${TASK_MANAGER}framework.off-heap.size`]: `${m.frameworkOffHeap}b`,
        [`${TASK_MANAGER}task.heap.size`]: `${m.taskHeap}b`,
        [`${TASK_MANAGER}task.off-heap.size`]: `${m.taskOffHeap}b`,
        [`${TASK_MANAGER}network.min`]: `${m.network}b`,
        [`${TASK_MANAGER}network.max`]: `${m.network}b`,
        [`${TASK_MANAGER}managed.size`]: `${m.managed}b`,
        [`${TASK_MANAGER}jvm-metaspace.size`]: `${m.metaspace}b`,
        [`${TASK_MANAGER}jvm-overhead.min`]: `${m.overhead}b`,
        [`${TASK_MANAGER}jvm-overhead.max`]: `${m.overhead}b`,
        "taskmanager.numberOfTaskSlots": String(slots),
        "external-resources": "none",
      }),
    };
  });
}

function common(m: Process & { total: bigint }, heap: bigint, direct: bigint | undefined) {
  return {
    processSize: Number(m.total + m.metaspace + m.overhead),
    flinkSize: Number(m.total),
    jvmHeap: Number(heap),
    jvmMetaspace: Number(m.metaspace),
    jvmOverhead: Number(m.overhead),
    jvmArguments: [
      `-Xmx${heap}`,
      `-Xms${heap}`,
      ...(direct === undefined ? [] : [`-XX:MaxDirectMemorySize=${direct}`]),
      `-XX:MaxMetaspaceSize=${m.metaspace}`,
    ],
  };
}

const properties = (values: Record<string, string>): [string, string][] =>
  javaHashOrder(Object.keys(values)).map((key) => [key, values[key]]);

function readSlots(get: Get): number {
  const text = get("taskmanager.numberOfTaskSlots") ?? "1";
  const slots = Number(text);
  if (!/^[+-]?\d+$/.test(text.trim()) || !Number.isInteger(slots)) {
    throw new Malformed("taskmanager.numberOfTaskSlots", text, "a whole number, such as 2");
  }
  return slots;
}

function readCores(get: Get, slots: number): number {
  const text = get("taskmanager.cpu.cores");
  const cores = text === undefined ? slots : parseJavaNumber(text);
  if (cores === undefined) {
    throw new Malformed("taskmanager.cpu.cores", text!, "a number, such as 2 or 0.5");
  }
  if (!(cores > 0)) {
    throw new Refused(
      `TaskExecutors need to be started with a positive number of CPU cores. Please configure taskmanager.cpu.cores accordingly.`,
    );
  }
  return cores;
}

/** Flink 1.x: a number of buffers stands for the network memory when none of the network options is set. */
function legacyNetwork(get: Get): bigint | undefined {
  const buffers = get("taskmanager.network.numberOfBuffers");
  const options = new Options(TASK_MANAGER, get);
  if (buffers === undefined || ["min", "max", "fraction"].some((name) => options.has(`network.${name}`))) {
    return undefined;
  }
  const page = parseBytes(get("taskmanager.memory.segment-size") ?? "32kb") ?? 32768n;
  return BigInt(buffers.trim()) * page;
}

/** The configuration with the options that Flink 1.x has for the heap alone translated to what they mean there. */
function lookUp(config: Entries, release: FlinkRelease): Get {
  const get: Get =
    config instanceof Map ? (key) => config.get(key) : (key) => (config as Record<string, string>)[key];
  if (!release.legacyMemoryOptions) {
    return get;
  }
  const legacy = (role: string) =>
    get(`${role}.heap.size`) ?? (get(`${role}.heap.mb`) && `${get(`${role}.heap.mb`)}m`);
  const translated: Record<string, () => string | undefined> = {
    [`${JOB_MANAGER}heap.size`]: () => legacy("jobmanager"),
    [`${TASK_MANAGER}flink.size`]: () => legacy("taskmanager"),
  };
  return (key) => get(key) ?? translated[key]?.();
}

function attempt<T>(get: Get, prefix: string, fineGrained: string[], run: (get: Get) => T): MemoryResult<T> {
  try {
    return { memory: run(get) };
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
    const fix =
      error instanceof Malformed
        ? `write ${error.suggestion}`
        : advice(prefix, fineGrained, get, (candidate) => {
            try {
              run(candidate);
              return true;
            } catch {
              return false;
            }
          });
    return { error: error.message, fix };
  }
}

/** What to change so that Flink starts: the smallest total that works, or the total that is one too many. */
function advice(prefix: string, fineGrained: string[], get: Get, works: (get: Get) => boolean): string {
  const totals = ["process.size", "flink.size"].map((name) => prefix + name);
  const set = totals.filter((key) => get(key) !== undefined);
  const complete = fineGrained.every((name) => get(prefix + name) !== undefined);
  const candidates = set.length > 0 ? set : complete ? [] : [totals[0]];
  for (const key of candidates) {
    const smallest = smallestMebibytes((size) => works((k) => (k === key ? size : get(k))));
    if (smallest !== undefined) {
      return `set ${key} to ${smallest}m or more`;
    }
  }
  for (const key of set) {
    if (works((k) => (k === key ? undefined : get(k)))) {
      return `leave out ${key}: it follows from the others`;
    }
  }
  return `set only ${totals[0]}, such as 1728m, and leave the rest to Flink`;
}

/** The smallest whole number of MiB that works, by doubling and then halving; undefined when none up to 4 TiB does. */
function smallestMebibytes(works: (size: string) => boolean): number | undefined {
  let high = 1;
  while (!works(`${high}m`)) {
    high *= 2;
    if (high > 4 * 1024 * 1024) {
      return undefined;
    }
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (works(`${middle}m`)) {
      high = middle;
    } else {
      low = middle;
    }
  }
  return high;
}

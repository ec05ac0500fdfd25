/**
 * Flink's memory model, which its start scripts compute from the configuration before they start the JVM. It
 * is exact, so that the launcher can start the JVM directly and a pod's memory limit equals the process size.
 * tests/unit/flink/memory-oracle.test.ts compares it with Flink's own classes.
 */
import { javaHashOrder, showJavaDouble } from "./java";
import {
  derive,
  jobManagerFromParts,
  jobManagerFromTotal,
  type Process,
  taskManagerFromParts,
  taskManagerFromTotal,
} from "./memory-derivation";
import {
  type Entries,
  externalResources,
  type Get,
  JOB_MANAGER,
  legacyNetwork,
  lookUp,
  Malformed,
  Options,
  readBoolean,
  readCores,
  readSlots,
  Refused,
  TASK_MANAGER,
} from "./memory-options";
import { MIB, parseBytes } from "./memory-size";
import type { FlinkRelease } from "./versions";

export type { Entries } from "./memory-options";
export { parseMemorySize } from "./memory-size";

/**
 * `error` is Flink's own message. `fix` is what to write instead, with the smallest working value if there is
 * one.
 */
export type MemoryResult<T> = { memory: T } | { error: string; fix: string };

/** All sizes are bytes. */
export interface ProcessMemory {
  /** The total, which is the container's memory limit. */
  processSize: number;
  /** The total without metaspace and overhead. */
  flinkSize: number;
  jvmHeap: number;
  jvmMetaspace: number;
  /** For the JVM's own native memory: threads, code cache, garbage collector. */
  jvmOverhead: number;
  /** JVM flags, in the order of Flink's scripts. */
  jvmArguments: string[];
  /** Properties that Flink's scripts pass to the process with `-D`, in their order. */
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
  /** Framework off-heap, task off-heap and network memory: the JVM's limit for direct memory. */
  jvmDirect: number;
  slots: number;
}

/** JobManager heap below which Flink warns that it may not work. */
export const SMALL_JOB_MANAGER_HEAP = Number(128n * MIB);

/**
 * Heap with which a process just starts. Measured: with 16 MiB neither role starts, in 1.20 and 2.2; with 24
 * MiB both do.
 */
export const SMALLEST_HEAP = Number(24n * MIB);

/**
 * The smallest size, in whole mebibytes, that gives a role this heap. It is the first given one of process
 * size, Flink size and heap size. Undefined if none of them alone is enough.
 */
export function smallestSize(
  role: "jobmanager" | "taskmanager",
  config: Readonly<Record<string, string>>,
  release: FlinkRelease,
  heap: number,
): { option: string; size: string } | undefined {
  const derive = role === "jobmanager" ? jobManagerMemory : taskManagerMemory;
  const own = role === "jobmanager" ? "heap.size" : "task.heap.size";
  for (const name of ["process.size", "flink.size", own]) {
    const option = `${role}.memory.${name}`;
    if (config[option] === undefined) continue;
    const smallest = smallestMebibytes((size) => {
      const result = derive({ ...config, [option]: size }, release);
      return "memory" in result && result.memory.jvmHeap >= heap;
    });
    if (smallest !== undefined) return { option, size: `${smallest}m` };
  }
  return undefined;
}

/** The JobManager's memory, as Flink's scripts compute it. */
export function jobManagerMemory(config: Entries, release: FlinkRelease): MemoryResult<JobManagerMemory> {
  return attempt(lookUp(config, release), JOB_MANAGER, ["heap.size"], (get) => {
    const options = new Options(JOB_MANAGER, get);
    const m = derive(options, ["heap.size"], jobManagerFromParts, jobManagerFromTotal);
    const limitDirect = readBoolean(get, `${JOB_MANAGER}enable-jvm-direct-memory-limit`);
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

/** A TaskManager's memory, as Flink's scripts compute it. */
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
        ...externalResources(get),
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

/** What to change so that Flink starts: the smallest working total, or the redundant total. */
function advice(prefix: string, fineGrained: string[], get: Get, works: (get: Get) => boolean): string {
  const totals = ["process.size", "flink.size"].map((name) => prefix + name);
  const set = totals.filter((key) => get(key) !== undefined);
  const complete = fineGrained.every((name) => get(prefix + name) !== undefined);
  const candidates = set.length > 0 ? set : complete ? [] : [totals[0]];
  for (const key of candidates) {
    const smallest = smallestMebibytes((size) => works((k) => (k === key ? size : get(k))));
    if (smallest === undefined) continue;
    const given = parseBytes(get(key) ?? "");
    if (given === undefined || given < BigInt(smallest) * MIB) return `set ${key} to ${smallest}m or more`;
    // The given size is too large: with other sizes given, the remaining overhead has an upper bound too.
    const largest = largestMebibytes(smallest, Number(given / MIB) + 1, (size) =>
      works((k) => (k === key ? size : get(k))),
    );
    return `set ${key} to ${smallest}m at least and ${largest}m at most, or leave it out`;
  }
  for (const key of set) {
    if (works((k) => (k === key ? undefined : get(k)))) {
      return `leave out ${key}: it follows from the others`;
    }
  }
  return `set only ${totals[0]}, such as 1728m, and leave the rest to Flink`;
}

/**
 * The smallest working size in whole MiB, by doubling and then bisecting; undefined if none up to 4 TiB
 * works.
 */
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

/** The largest working size in whole MiB, between one that works and one that does not. */
function largestMebibytes(works: number, fails: number, test: (size: string) => boolean): number {
  let [low, high] = [works, fails];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (test(`${middle}m`)) low = middle;
    else high = middle;
  }
  return low;
}

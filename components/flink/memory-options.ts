/** Reads the options that Flink's memory model starts from. */
import { javaHashOrder, parseJavaInteger, parseJavaNumber, showJavaDouble, splitList } from "./java";
import { humanReadable, MAX_SIZE, parseBytes, suggestMemorySize } from "./memory-size";
import type { FlinkRelease } from "./versions";

export type Entries = ReadonlyMap<string, string> | Readonly<Record<string, string>>;

export type Get = (key: string) => string | undefined;

/** Flink would refuse to start with this. */
export class Refused extends Error {}

/** A value that Flink cannot parse. */
export class Malformed extends Refused {
  constructor(
    readonly key: string,
    text: string,
    readonly suggestion: string,
  ) {
    super(`Could not parse value '${text}' for key '${key}'.`);
  }
}

/** A fraction within bounds. */
export interface Range {
  min: bigint;
  max: bigint;
  fraction: number;
}

export const JOB_MANAGER = "jobmanager.memory.";
export const TASK_MANAGER = "taskmanager.memory.";

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

/** Old names that Flink reads if the new one is not set. */
const ALIASES: Record<string, string> = {
  [`${TASK_MANAGER}managed.size`]: "taskmanager.memory.size",
  [`${TASK_MANAGER}network.min`]: "taskmanager.network.memory.min",
  [`${TASK_MANAGER}network.max`]: "taskmanager.network.memory.max",
  [`${TASK_MANAGER}network.fraction`]: "taskmanager.network.memory.fraction",
};

/** One role's view of the configuration. */
export class Options {
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
    const cause =
      min > max ? "min value must be less or equal to max value" : "fraction must be in range [0, 1)";
    if (min > max || !(fraction >= 0 && fraction < 1)) {
      throw new Refused(
        `Inconsistently configured '${this.prefix}${name}.fraction' (${showJavaDouble(fraction)}) and its min ` +
          `(${humanReadable(min)}), max (${humanReadable(max)}) value: ${cause}.`,
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
    return Math.fround(value); // this option is a Java float
  }
}

export function readBoolean(get: Get, key: string): boolean {
  const text = get(key) ?? "false";
  if (!/^(true|false)$/i.test(text)) {
    throw new Malformed(key, text, "true or false");
  }
  return text.toLowerCase() === "true";
}

export function readSlots(get: Get): number {
  const text = get("taskmanager.numberOfTaskSlots") ?? "1";
  const slots = parseJavaInteger(text);
  if (slots === undefined) {
    throw new Malformed("taskmanager.numberOfTaskSlots", text, "a whole number, such as 2");
  }
  return slots;
}

export function readCores(get: Get, slots: number): number {
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
  return Number(cores.toFixed(8)); // Flink keeps eight decimals
}

/** The devices of a TaskManager, passed to the process with the rest. */
export function externalResources(get: Get): Record<string, string> {
  const amounts = new Map<string, string>();
  for (const name of splitList(get("external-resources") ?? "")) {
    const amount = get(`external-resource.${name}.amount`);
    if (amount !== undefined && /^\+?0*[1-9]\d*$/.test(amount)) {
      amounts.set(name, String(BigInt(amount)));
    }
  }
  const names = javaHashOrder([...amounts.keys()]);
  return {
    "external-resources": names.length === 0 ? "none" : `"${names.join(";")}"`,
    ...Object.fromEntries(names.map((name) => [`external-resource.${name}.amount`, amounts.get(name)!])),
  };
}

/** Flink 1.x: a number of buffers sets the network memory if no network option is set. */
export function legacyNetwork(get: Get): bigint | undefined {
  const buffers = get("taskmanager.network.numberOfBuffers");
  const options = new Options(TASK_MANAGER, get);
  if (buffers === undefined || ["min", "max", "fraction"].some((name) => options.has(`network.${name}`))) {
    return undefined;
  }
  const page = parseBytes(get("taskmanager.memory.segment-size") ?? "32kb") ?? 32768n;
  return BigInt(buffers.trim()) * page;
}

/** The configuration with Flink 1.x's heap options translated to their meaning for the role. */
export function lookUp(config: Entries, release: FlinkRelease): Get {
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

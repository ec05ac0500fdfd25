import {
  type JobManagerMemory,
  jobManagerMemory,
  type MemoryResult,
  type TaskManagerMemory,
  type ProcessMemory,
  SMALL_JOB_MANAGER_HEAP,
  SMALLEST_HEAP,
  smallestSize,
  taskManagerMemory,
} from "../flink/memory";
import { parseBytes, withoutSizeUnit } from "../flink/memory-size";
import type { FlinkRelease } from "../flink/versions";
import { directories } from "../kubernetes/flink-pod";
import { objectName, ports, selectorLabels } from "../names";
import type { Problem } from "../problems";
import type { Context, Findings, RoleAdditions } from "./additions";
import { followedPods } from "./all-pods";
import { type OwnPod, podModel } from "./check-pods";
import type { CpuArgs, JobManagerArgs } from "./cluster";
import type { RoleModel } from "./model";
import { joinPath } from "./shape";
import { formatBytes, parseCpu, parseStorage } from "./quantity";

const components = {
  jobManager: "jobmanager",
  taskManager: "taskmanager",
  historyServer: "historyserver",
  sqlGateway: "sql-gateway",
} as const;

/** A role whose memory may have been refused. */
type PartialRole<M> = Omit<RoleModel<M>, "memory"> & { memory?: M };

export function jobManagerRole(
  context: Context,
  common: Record<string, string>,
  additions: Required<RoleAdditions>,
  findings: Findings,
): PartialRole<JobManagerMemory> {
  const { args, release } = context;
  const entries = {
    // A change of the TaskManagers' size must not restart the JobManager, which does not read these options.
    ...without(common, /^taskmanager\.(memory\.|numberOfTaskSlots$)/),
    ...processSize("jobmanager", args.jobManager?.memory, common, ["heap.size"], "1600m"),
  };
  const role = commonRole(context, "jobManager", additions, 1000, "1Gi", findings);
  return withMemory("jobManager", role, entries, jobManagerMemory(entries, release), context, findings);
}

export function taskManagerRole(
  context: Context,
  common: Record<string, string>,
  additions: Required<RoleAdditions>,
  slots: number,
  findings: Findings,
): PartialRole<TaskManagerMemory> {
  const { args, release } = context;
  const fineGrained = ["task.heap.size", "managed.size"];
  const entries = {
    ...without(common, /^jobmanager\.memory\./),
    ...processSize("taskmanager", args.taskManager?.memory, common, fineGrained, "1728m"),
  };
  const role = commonRole(context, "taskManager", additions, 1000 * slots, "2Gi", findings);
  return withMemory("taskManager", role, entries, taskManagerMemory(entries, release), context, findings);
}

/** The process size: the argument, or the default if `config` does not size the memory. */
function processSize(
  role: "jobmanager" | "taskmanager",
  memory: string | undefined,
  options: Record<string, string>,
  fineGrained: string[],
  standard: string,
): Record<string, string> {
  const prefix = `${role}.memory.`;
  const sized =
    options[`${prefix}flink.size`] !== undefined ||
    fineGrained.every((option) => options[`${prefix}${option}`] !== undefined);
  if (memory === undefined && sized) return {};
  return { [`${prefix}process.size`]: memory ?? standard };
}

/** More than any node has: bytes mistaken for mebibytes. */
const LARGEST_PROCESS = 64 * 2 ** 40;

/** Flink computes any heap, even one too small for a process to start. */
function checkHeap(
  path: "jobManager" | "taskManager",
  options: Record<string, string>,
  heap: number,
  release: FlinkRelease,
): { serious: boolean; problem: Problem } | undefined {
  const serious = heap < SMALLEST_HEAP;
  const small = path === "jobManager" && heap < SMALL_JOB_MANAGER_HEAP;
  if (!serious && !small) return undefined;
  const role = path === "jobManager" ? "jobmanager" : "taskmanager";
  const enough = smallestSize(role, options, release, serious ? SMALLEST_HEAP : SMALL_JOB_MANAGER_HEAP);
  const mebibytes = Math.floor(heap / 2 ** 20);
  const reason = serious
    ? `this leaves ${mebibytes} MiB of heap, and with less than ${SMALLEST_HEAP / 2 ** 20} MiB Flink's process fails while it starts`
    : `this leaves ${mebibytes} MiB of heap, and Flink warns that it may not work with less than ${SMALL_JOB_MANAGER_HEAP / 2 ** 20} MiB`;
  const other = "write more memory, or lower the parts of it that config sets";
  const which =
    enough?.option === `${role}.memory.process.size`
      ? `${path}.memory`
      : joinPath("config", enough?.option ?? "");
  const fix = enough === undefined ? other : `set ${which} to ${enough.size} or more`;
  const value = options[`${role}.memory.process.size`];
  return { serious, problem: { path: `${path}.memory`, value, reason, fix } };
}

function withMemory<M extends ProcessMemory>(
  path: "jobManager" | "taskManager",
  role: Omit<PartialRole<M>, "options">,
  options: Record<string, string>,
  result: MemoryResult<M>,
  { args, release }: Context,
  { problems, warnings }: Findings,
): PartialRole<M> {
  if ("memory" in result) {
    const memoryRequest = readMemoryRequest(path, args[path]?.memoryRequest, result.memory.processSize, {
      problems,
      warnings,
    });
    if (result.memory.processSize > LARGEST_PROCESS) {
      const terabytes = Math.floor(result.memory.processSize / 2 ** 40);
      const reason = `no node has ${terabytes} TiB of memory; in Flink, m means mebibytes, while in Kubernetes it is a thousandth of a byte`;
      problems.push({
        path: `${path}.memory`,
        value: args[path]?.memory,
        reason,
        fix: "write for example 2048m or 2g",
      });
    }
    const found = checkHeap(path, options, result.memory.jvmHeap, release);
    if (found) (found.serious ? problems : warnings).push(found.problem);
    return { ...role, options, memory: result.memory, ...(memoryRequest ? { memoryRequest } : {}) };
  }
  const bare = withoutSizeUnit(args[path]?.memory ?? "");
  if (bare) {
    problems.push({ path: `${path}.memory`, value: args[path]?.memory, ...bare });
    return { ...role, options };
  }
  // Flink's messages name the option; here the argument replaces it.
  const say = (text: string) =>
    text.replaceAll(`${path.toLowerCase()}.memory.process.size`, `${path}.memory`);
  problems.push({
    path: `${path}.memory`,
    value: args[path]?.memory,
    reason: say(result.error),
    fix: say(result.fix),
  });
  return { ...role, options };
}

/** The memory request of a pod, if it is below the process size. */
function readMemoryRequest(
  role: "jobManager" | "taskManager",
  text: string | undefined,
  processSize: number,
  { problems, warnings }: Findings,
): number | undefined {
  if (text === undefined) return undefined;
  const path = `${role}.memoryRequest`;
  const bytes = parseBytes(text);
  if (bytes === undefined || bytes <= 0n || bytes > BigInt(processSize)) {
    const reason =
      bytes === undefined || bytes <= 0n
        ? "this is not a memory size in Flink's notation"
        : `this is more than the size of the Flink process, ${formatBytes(processSize)}, which is the container's limit`;
    problems.push({
      path,
      value: text,
      reason,
      fix: "write less than memory, such as 1g, or leave it out",
    });
    return undefined;
  }
  if (bytes === BigInt(processSize)) return undefined;
  warnings.push({
    path,
    value: text,
    reason: `Flink uses all of its ${formatBytes(processSize)} sooner or later: on a node that runs out of memory, Kubernetes evicts this pod before others`,
    fix: "leave it out if jobs must not be interrupted",
  });
  return Number(bytes);
}

export function commonRole(
  context: Context,
  path: keyof typeof components,
  additions: Required<RoleAdditions>,
  cpuLimit: number,
  storage: string,
  findings: Findings,
): Omit<RoleModel<never>, "options" | "memory"> {
  const { problems } = findings;
  const args: JobManagerArgs = context.args[path] ?? {};
  const ephemeralStorage = args.ephemeralStorage ?? storage;
  const bytes = parseStorage(ephemeralStorage);
  if (bytes === undefined || bytes < 64 * 2 ** 20) {
    problems.push({
      path: `${path}.ephemeralStorage`,
      value: ephemeralStorage,
      reason:
        bytes === undefined
          ? "this is not a Kubernetes quantity of bytes"
          : "logs and temporary files need more, and Kubernetes evicts a pod over its limit",
      fix: "write a whole number and a unit, such as 2Gi (at least 64Mi)",
    });
  }
  return {
    cpu: normaliseCpu(path, args.cpu ?? {}, cpuLimit, problems),
    ephemeralStorage: bytes === undefined ? ephemeralStorage : formatBytes(bytes),
    optionsFrom: additions.optionsFrom,
    pod: podModel(args, additions, ownPod(context, path), findings),
  };
}

/** Fixed parts of a role's pods, matching kubernetes/flink-pod.ts and kubernetes/deployments.ts. */
function ownPod({ name, namespace, args }: Context, role: keyof typeof components): OwnPod {
  const component = components[role];
  const flinkRole = role === "jobManager" || role === "taskManager";
  return {
    role,
    container: component,
    volumes: ["conf", "secret", "options", "run", "log", "tmp"],
    mountPaths: Object.values(directories),
    ports: Object.values(ports),
    serviceAccountName: objectName(name, component),
    labels: selectorLabels(name, component),
    secretEnv: flinkRole,
    restricted: namespace.create,
    follows: flinkRole ? (args.pods ?? {}) : followedPods(args),
  };
}

function normaliseCpu(role: string, args: CpuArgs, standardLimit: number, problems: Problem[]) {
  const read = (field: keyof CpuArgs): number | undefined => {
    const text = args[field];
    if (text === undefined) return undefined;
    const milli = parseCpu(text);
    if (milli !== undefined && milli > 0) return milli;
    const reason = "this is not a positive Kubernetes quantity of CPU";
    problems.push({
      path: `${role}.cpu.${field}`,
      value: text,
      reason,
      fix: "write a number of cores, such as 2 or 500m",
    });
    return undefined;
  };
  const givenRequest = read("request");
  const givenLimit = read("limit");
  const limit = givenLimit ?? Math.max(standardLimit, givenRequest ?? 0);
  const request = givenRequest ?? Math.ceil(limit / 2);
  if (request > limit) {
    problems.push({
      path: `${role}.cpu.request`,
      value: args.request,
      reason: `this is more than ${role}.cpu.limit, which is ${args.limit}, and Kubernetes refuses that`,
      fix: `write at most ${args.limit}, or raise ${role}.cpu.limit`,
    });
  }
  return { request, limit };
}

function without(options: Record<string, string>, dropped: RegExp): Record<string, string> {
  return Object.fromEntries(Object.entries(options).filter(([option]) => !dropped.test(option)));
}

import { jobManagerMemory, taskManagerMemory } from "../../../components/flink/memory";
import { humanReadable } from "../../../components/flink/memory-size";
import {
  type Options,
  option,
  parseMemorySize,
  quantityOf,
  type Stack,
  flinkDocs,
  kubernetesDocs,
} from "../../core";
import { type Configuration, configurationOf } from "../reading/clusters";
import type { FlinkProcess } from "../reading/processes";
import { releaseOf } from "../reading/versions";
import { clusterRule, processRule } from "../rule-kinds";

/** The memory that Flink's scripts would compute for a process. */
function memoryOf(process: FlinkProcess, configuration: Configuration) {
  const entries = Object.fromEntries(configuration.settings.map(({ written, text }) => [written, text]));
  const memory = process.role === "jobmanager" ? jobManagerMemory : taskManagerMemory;
  return memory(entries, releaseOf(process));
}

function standalone(stack: Stack, processes: readonly FlinkProcess[]) {
  // The operator sizes the container from Flink's memory.
  return processes
    .filter(({ isCustom }) => !isCustom)
    .map((process) => ({ process, configuration: configurationOf(stack, process) }));
}

export const memoryFits = clusterRule({
  name: "flink-memory-fits",
  description: "Flink's process size is at most the memory limit of its container.",
  remediation: "Lower Flink's process size, or raise the memory limit of the container.",
  reference: flinkDocs("Set up Flink's Process Memory", "deployment/memory/mem_setup/"),
  why: "Flink plans its whole memory from the process size. If it is above the container's limit, the kernel kills the process when it uses that memory, often only under load.",
  level: "mandatory",
  severity: "high",
  check(cluster, run, stack) {
    for (const { process, configuration } of standalone(stack, cluster.all)) {
      const limit = process.container.get("resources", "limits", "memory");
      const bytes = quantityOf(limit);
      const memory = memoryOf(process, configuration);
      if ("error" in memory) {
        if (configuration.isPartial) continue;
        run.violation(configuration.home, {
          actual: `configured with memory that Flink refuses (${memory.error})`,
          expected: `${process.role}.memory.process.size, or another size that determines the rest`,
          fix: `${memory.fix}`,
        });
        continue;
      }
      const { processSize } = memory.memory;
      if (bytes === undefined || processSize <= bytes || configuration.isPartial) continue;
      run.violation(limit, {
        expected: `at least Flink's process size, ${humanReadable(BigInt(processSize))}`,
        fix: `Raise the limit, or lower ${process.role}.memory.process.size.`,
      });
    }
  },
});

const unused = {
  used: option<number>(0.8, "The share of the memory limit that Flink must use, from 0 to 1.", {
    type: "number",
    minimum: 0,
    maximum: 1,
  }),
} satisfies Options;

export const memoryUsed = clusterRule<typeof unused>({
  name: "flink-memory-used",
  description: "Flink uses the memory that its container has.",
  remediation: "Raise Flink's process size to the memory limit of the container, or lower the limit.",
  reference: flinkDocs("Set up Flink's Process Memory", "deployment/memory/mem_setup/"),
  why: "Flink uses at most its process size: the rest of the limit is reserved on the node and never used.",
  level: "advisory",
  severity: "low",
  options: unused,
  check(cluster, run, stack) {
    for (const { process, configuration } of standalone(stack, cluster.all)) {
      const limit = process.container.get("resources", "limits", "memory");
      const bytes = quantityOf(limit);
      const memory = memoryOf(process, configuration);
      if (bytes === undefined || "error" in memory || configuration.isPartial) continue;
      if (memory.memory.processSize >= bytes * run.config.used) continue;
      run.violation(limit, {
        expected: `about Flink's process size, ${humanReadable(BigInt(memory.memory.processSize))}`,
        fix: `Raise ${process.role}.memory.process.size to the limit, or lower the limit.`,
      });
    }
  },
});

export const memoryUnit = processRule({
  name: "flink-memory-unit",
  description: "The memory of Flink's containers is written in Kubernetes' units.",
  remediation: "Write Mi or Gi.",
  reference: kubernetesDocs(
    "Meaning of memory",
    "concepts/configuration/manage-resources-containers/#meaning-of-memory",
  ),
  why: "In Flink 2048m are mebibytes. In Kubernetes m means thousandths, so a container would get two bytes. The operator's examples use Flink's notation, and people copy it.",
  level: "mandatory",
  severity: "high",
  check({ container }, run) {
    for (const list of ["requests", "limits"]) {
      const memory = container.get("resources", list, "memory");
      const bytes = quantityOf(memory);
      const text = memory.scalar();
      if (text === undefined || (bytes !== undefined && bytes >= 64 * 2 ** 20)) continue;
      run.violation(memory, {
        expected: "at least 64Mi, in Kubernetes' units",
        fix: `Write ${parseMemorySize(text) === undefined ? "such as 2Gi" : `${Math.max(64, Math.ceil(parseMemorySize(text)! / 2 ** 20))}Mi`}.`,
      });
    }
  },
});

export const memoryRequest = processRule({
  name: "flink-memory-request",
  description: "The memory request of Flink's containers is their limit.",
  remediation: "Write the same amount of memory for request and limit.",
  reference: kubernetesDocs("Pod Quality of Service Classes", "concepts/workloads/pods/pod-qos/"),
  why: "Heap and managed memory have fixed sizes, and Flink fills them. With a smaller request the node gives the memory to other pods, and evicts the TaskManager first.",
  level: "advisory",
  severity: "medium",
  check({ container }, run) {
    const [request, limit] = ["requests", "limits"].map((list) => container.get("resources", list, "memory"));
    const [wanted, most] = [request!, limit!].map(quantityOf);
    // Without a request Kubernetes takes the limit.
    if (wanted === undefined || most === undefined || wanted >= most) return;
    run.violation(request!, { expected: `the limit, ${limit!.scalar()}`, fix: "Make both the same." });
  },
  fixes({ container }) {
    const [request, limit] = ["requests", "limits"].map((list) => container.get("resources", list, "memory"));
    const [wanted, most] = [request!, limit!].map(quantityOf);
    return wanted === undefined || most === undefined || wanted >= most
      ? []
      : [{ at: request!, value: limit!.scalar() }];
  },
});

const cpuOptions = {
  coresForSlot: option<number>(0.1, "CPU cores for each slot in the request.", {
    type: "number",
    minimum: 0,
  }),
  limitForSlot: option<number>(0.25, "CPU cores for each slot in the limit, if there is one.", {
    type: "number",
    minimum: 0,
  }),
} satisfies Options;

export const cpuForSlots = clusterRule<typeof cpuOptions>({
  name: "flink-cpu-for-slots",
  description: "TaskManagers have enough CPU for their slots.",
  remediation: "Raise the CPU request of the TaskManagers, or give them fewer slots.",
  reference: flinkDocs("Flink Architecture, task slots", "concepts/flink-architecture/"),
  why: "A slot runs whole pipelines. With many slots on a fraction of a core, or with a low limit, tasks wait for each other, checkpoints time out, and heartbeats are late.",
  level: "advisory",
  severity: "medium",
  options: cpuOptions,
  check(cluster, run, stack) {
    for (const process of cluster.taskManagers) {
      const configuration = configurationOf(stack, process);
      const slots = Number(configuration.text("taskmanager.numberOfTaskSlots") ?? 1);
      for (const [list, each] of [
        ["requests", run.config.coresForSlot],
        ["limits", run.config.limitForSlot],
      ] as const) {
        // The operator turns the resource into the request, and sets a limit only with a limit factor.
        if (process.isCustom && list === "limits") continue;
        const value = process.container.get("resources", list, "cpu");
        const cores = quantityOf(value);
        const least = Math.round(slots * each * 1000) / 1000;
        if (cores === undefined || cores >= least) continue;
        run.violation(value, {
          expected: `at least ${least} for ${slots} slots`,
          fix: "Raise it, or lower taskmanager.numberOfTaskSlots.",
        });
      }
    }
  },
});

export const nativeMemory = clusterRule({
  name: "flink-native-memory",
  description: "RocksDB and Python have native memory.",
  remediation: "Raise taskmanager.memory.managed.fraction, or the overhead of the JVM.",
  reference: flinkDocs("Set up TaskManager Memory", "deployment/memory/mem_setup_tm/"),
  why: "RocksDB uses Flink's managed memory, and Python workers use it or the overhead. Without this memory the process grows beyond its limit and is killed.",
  level: "advisory",
  severity: "medium",
  check({ configuration, taskManagers }, run, stack) {
    for (const process of taskManagers) {
      const own = configurationOf(stack, process);
      const backend = own.get("state.backend.type") ?? configuration.get("state.backend.type");
      const python = own.settings.some(({ key }) => key.startsWith("python."));
      if (!/rocksdb|forst/i.test(backend?.text ?? "") && !python) continue;
      for (const key of ["taskmanager.memory.managed.size", "taskmanager.memory.managed.fraction"]) {
        const managed = own.get(key);
        if (!managed || Number.parseFloat(managed.text) !== 0) continue;
        run.violation(managed.at, {
          actual: `setting ${key} to ${managed.text}`,
          expected: "managed memory, which native code needs",
          fix: "Leave it out: the default is a fraction of 0.4.",
        });
      }
      for (const [key, floor] of [
        ["taskmanager.memory.jvm-overhead.max", 128],
        ["taskmanager.memory.jvm-metaspace.size", 96],
      ] as const) {
        const given = own.get(key);
        const bytes = parseMemorySize(given?.text ?? "");
        if (!given || bytes === undefined || bytes >= floor * 2 ** 20) continue;
        run.violation(given.at, {
          actual: `setting ${key} to ${given.text}`,
          expected: `at least ${floor}m`,
          fix: "Leave it out, so that Flink's default applies.",
        });
      }
    }
  },
});

export const rules = [memoryFits, memoryUsed, memoryUnit, memoryRequest, cpuForSlots, nativeMemory];

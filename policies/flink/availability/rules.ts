import {
  groupBy,
  type Options,
  option,
  type Resource,
  sameNamespace,
  selects,
  type Stack,
  type Value,
  flinkDocs,
  kubernetesDocs,
} from "../../core";
import { configurationOf, type FlinkCluster } from "../reading/clusters";
import { jobsOf } from "../reading/jobs";
import { mountAt } from "../reading/mounts";
import type { FlinkProcess } from "../reading/processes";
import { clusterRule, processRule, settingRule } from "../rule-kinds";

/** The number of pods of a workload: undefined while unknown, or if something else decides. */
export function replicasOf({ resource, role, isCustom }: FlinkProcess): {
  at: Value;
  count: number | undefined;
} {
  const at = isCustom
    ? resource.spec.get(role === "jobmanager" ? "jobManager" : "taskManager", "replicas")
    : resource.spec.get("replicas");
  if (at.isUnknown || resource.spec.isUnknown) return { at, count: undefined };
  return { at, count: at.isAbsent ? 1 : at.number() };
}

function hasHa(type: string | undefined): boolean {
  return type !== undefined && !/^none$/i.test(type);
}

export const jobManagerReplicas = clusterRule({
  name: "flink-job-manager-replicas",
  description: "A cluster has one JobManager, or high availability.",
  remediation: "Write replicas: 1, or turn high availability on.",
  reference: flinkDocs("Kubernetes HA Services", "deployment/ha/kubernetes_ha/"),
  why: "Without high availability two JobManagers are two clusters behind one Service. A JobManager in a bare pod, or in a Job without retries, never comes back.",
  level: "mandatory",
  severity: "high",
  check({ jobManager, configuration }, run) {
    if (!jobManager) return;
    const { resource, pod } = jobManager;
    const { at, count } = replicasOf(jobManager);
    const type = configuration.get("high-availability.type");
    if (count !== undefined && count > 1 && !hasHa(type?.text) && !configuration.isPartial) {
      run.violation(at, {
        expected: "1, or high availability",
        fix: "Set high-availability.type: kubernetes.",
      });
    }
    if (count === 0) run.violation(at, { expected: "1 or more", fix: "Write 1." });
    if (!hasHa(type?.text)) return;
    const policy = pod.spec.get("restartPolicy");
    if (
      resource.is("/Pod") ||
      (resource.is("batch/Job") && resource.spec.get("backoffLimit").number() === 0)
    ) {
      run.violation(policy, {
        actual: "of a JobManager that nothing restarts",
        expected: "a Deployment, or a Job with a backoffLimit",
        fix: "Use one of these: high availability recovers the jobs only if the pod comes back.",
      });
    }
  },
});

function budgetsFor(stack: Stack, { pod, resource }: FlinkProcess): Resource[] {
  const wanted = (budget: Resource) => budget.spec.get("selector", "matchLabels");
  return stack
    .selecting("policy/PodDisruptionBudget", wanted, pod.metadata.get("labels"))
    .filter(
      (budget) =>
        sameNamespace(budget, resource) !== false &&
        selects(budget.spec.get("selector"), pod.metadata.get("labels")) !== false,
    );
}

export const disruptionBudget = clusterRule({
  name: "flink-disruption-budget",
  description: "TaskManagers have a disruption budget, and no budget blocks every drain.",
  remediation: "Add a PodDisruptionBudget with maxUnavailable: 1 for the TaskManagers.",
  reference: kubernetesDocs("Disruptions", "concepts/workloads/pods/disruptions/"),
  why: "A drain that evicts all TaskManagers at once restarts the job again and again. A budget that allows no eviction, such as minAvailable: 1 for a single JobManager, blocks the upgrade of its node. This rule is off by default, because disruption-budget and disruption-possible of the pack kubernetes cover every workload. It is for those who use this pack alone.",
  level: "disabled",
  severity: "medium",
  check(cluster, run, stack) {
    for (const process of cluster.all) {
      if (process.isCustom) continue;
      const { at, count } = replicasOf(process);
      const budgets = budgetsFor(stack, process);
      if (process.role === "taskmanager" && count !== undefined && count > 1 && budgets.length === 0) {
        run.violation(at, {
          expected: "a PodDisruptionBudget that selects these pods",
          fix: "Add one with maxUnavailable: 1.",
        });
      }
      for (const budget of budgets) {
        const [most, least] = [budget.spec.get("maxUnavailable"), budget.spec.get("minAvailable")];
        if (["0", "0%"].includes(most.scalar() ?? "")) {
          run.violation(most, {
            expected: "1 or more",
            fix: "Write 1: Flink restarts the job from its last checkpoint.",
          });
        }
        const needed = least.number();
        if (least.scalar() === "100%" || (needed !== undefined && count !== undefined && needed >= count)) {
          run.violation(least, {
            expected: "less than the number of pods",
            fix: "Write maxUnavailable: 1 instead.",
          });
        }
      }
    }
  },
});

export const spread = processRule({
  name: "flink-spread",
  description: "Standby JobManagers run on other nodes than the leader.",
  remediation: "Add a podAntiAffinity, or a topologySpreadConstraint, over kubernetes.io/hostname.",
  reference: kubernetesDocs(
    "Pod Topology Spread Constraints",
    "concepts/scheduling-eviction/topology-spread-constraints/",
  ),
  why: "If both run on one node, the loss of that node is the loss of both.",
  level: "advisory",
  severity: "low",
  check(process, run) {
    const { count } = replicasOf(process);
    if (process.role !== "jobmanager" || count === undefined || count < 2) return;
    const { spec } = process.pod;
    const places = [spec.get("topologySpreadConstraints"), spec.get("affinity", "podAntiAffinity")];
    if (places.some((value) => !value.isMissing)) return;
    run.violation(places[0]!, {
      expected: "a constraint by kubernetes.io/hostname",
      fix: "Add topologySpreadConstraints with topologyKey: kubernetes.io/hostname.",
    });
  },
});

const grace = {
  seconds: option<number>(30, "Seconds that Flink's processes must have to stop.", {
    type: "integer",
    minimum: 0,
  }),
  afterHook: option<number>(
    10,
    "Seconds that must remain after the sleep of a preStop hook, as far as the hook states its length.",
    { type: "integer", minimum: 0 },
  ),
} satisfies Options;

/** Kubernetes' default. */
const DEFAULT_GRACE = 30;

/** How long a preStop hook sleeps, as far as it states this. */
function sleepOf(hook: Value): { at: Value; seconds: number } | undefined {
  const at = hook.get("sleep", "seconds");
  const own = at.number();
  if (own !== undefined) return { at, seconds: own };
  const command = hook.get("exec", "command");
  const text = command
    .list()
    .map((word) => word.text() ?? "")
    .join(" ");
  const slept = [...text.matchAll(/\bsleep\s+(\d+)\b/g)].reduce((sum, [, number]) => sum + Number(number), 0);
  return slept > 0 ? { at: command, seconds: slept } : undefined;
}

export const gracePeriod = processRule<typeof grace>({
  name: "flink-grace-period",
  description: "Flink's processes have time to stop, also after a preStop hook.",
  remediation: "Raise terminationGracePeriodSeconds, or shorten the preStop hook.",
  reference: kubernetesDocs(
    "Pod Lifecycle, termination",
    "concepts/workloads/pods/pod-lifecycle/#pod-termination",
  ),
  why: "A process that is killed at once leaves files half written, and other processes notice only by a missing heartbeat. A preStop hook uses part of the same time. Flink itself does not need more than half a minute: five seconds after SIGTERM a Flink process ends itself, whatever its tasks do. So task.cancellation.timeout, three minutes, is for tasks that are cancelled while the process continues, and not for pods that end. A hook that triggers savepoints or checkpoints needs time for these.",
  level: "advisory",
  severity: "low",
  options: grace,
  check({ pod, container }, run) {
    const value = pod.spec.get("terminationGracePeriodSeconds");
    const seconds = value.isAbsent ? (value.isMissing ? DEFAULT_GRACE : undefined) : value.number();
    if (seconds === undefined) return;
    if (seconds < run.config.seconds && value.isPresent) {
      run.violation(value, {
        expected: `${run.config.seconds} or more`,
        fix: "Leave it out: 30 is the default.",
      });
    }
    const slept = sleepOf(container.get("lifecycle", "preStop"));
    if (!slept || seconds - slept.seconds >= run.config.afterHook) return;
    run.violation(slept.at, {
      actual: `sleeping ${slept.seconds} of the pod's ${seconds} seconds of grace`,
      expected: `at least ${run.config.afterHook} seconds left for Flink`,
      fix: `Set terminationGracePeriodSeconds to ${slept.seconds + DEFAULT_GRACE}.`,
    });
  },
});

const starting = {
  startSeconds: option<number>(
    30,
    "Seconds after which a liveness probe may kill a process that has just started.",
    { type: "integer", minimum: 0 },
  ),
} satisfies Options;

/** Seconds until a probe that never succeeds ends the process; undefined while unknown. */
function endOf(probe: Value): number | undefined {
  const fields: [name: string, initial: number][] = [
    ["initialDelaySeconds", 0],
    ["periodSeconds", 10],
    ["failureThreshold", 3],
  ];
  const numbers = fields.map(([name, initial]) => {
    const value = probe.get(name);
    return value.isAbsent ? initial : value.number();
  });
  const [delay, period, failures] = numbers;
  return delay === undefined || period === undefined || failures === undefined
    ? undefined
    : delay + period * failures;
}

export const probes = clusterRule<typeof starting>({
  name: "flink-probes",
  description: "Flink's processes have liveness probes, on a port that they listen on, and not too early.",
  remediation: "Probe a port that the process listens on, and give it time to start.",
  reference: kubernetesDocs(
    "Liveness, Readiness, and Startup Probes",
    "concepts/configuration/liveness-readiness-startup-probes/",
  ),
  why: "A process that hangs keeps its slots. TaskManagers choose a random port unless taskmanager.rpc.port is set, and a probe of another port restarts them for ever; a liveness probe of the REST API kills a JobManager that is only busy. A JVM with little CPU starts slowly: if it is killed before it is ready, it never starts. The rule probes of the pack kubernetes covers readiness, and pss-host-probes covers probes with a host.",
  level: "advisory",
  severity: "medium",
  options: starting,
  check(cluster, run, stack) {
    for (const process of cluster.all) {
      const { container, role, isCustom } = process;
      const live = container.get("livenessProbe");
      if (live.isMissing && !isCustom) {
        run.violation(live, {
          expected: `a tcpSocket probe of port ${role === "jobmanager" ? "6123" : "6122"}`,
          fix: "Add one.",
        });
        continue;
      }
      if (role === "jobmanager" && live.get("httpGet").isPresent) {
        run.violation(live.get("httpGet"), {
          expected: "tcpSocket of port 6123",
          fix: "Use tcpSocket for liveness, and the REST API for readiness.",
        });
      }
      const end = container.get("startupProbe").isAbsent && live.isPresent ? endOf(live) : undefined;
      if (end !== undefined && end < run.config.startSeconds) {
        run.violation(live, {
          actual: `killing a process that has not started after ${end} s`,
          expected: `${run.config.startSeconds} s or more, or a startupProbe`,
          fix: "Add a startupProbe, or raise initialDelaySeconds.",
        });
      }
      const configuration = configurationOf(stack, process);
      if (role !== "taskmanager" || !live.get("tcpSocket").isPresent || configuration.isPartial) continue;
      const port = configuration.get("taskmanager.rpc.port");
      if (port && port.text !== "0" && !port.text.includes("-")) continue;
      run.violation(port?.at ?? live.get("tcpSocket"), {
        actual: "a probe of a port that Flink chooses at random",
        expected: "taskmanager.rpc.port in the configuration",
        fix: "Set it to 6122.",
      });
    }
  },
});

export const enoughSlots = clusterRule({
  name: "flink-enough-slots",
  description: "The cluster has enough slots for the parallelism.",
  remediation: "Add TaskManagers or slots, or lower the parallelism.",
  reference: flinkDocs("Flink Architecture, task slots", "concepts/flink-architecture/"),
  why: "A job with too few slots fails after a timeout, or with the adaptive scheduler runs slower than requested. In a session cluster the jobs of the stack share the slots. The rule does not apply if Flink or the operator starts TaskManagers on demand, if something scales them, or with the adaptive scheduler.",
  level: "mandatory",
  severity: "medium",
  check(cluster, run, stack) {
    const { configuration, jobManager } = cluster;
    const isAdaptive = /adaptive/i.test(configuration.text("jobmanager.scheduler") ?? "");
    const isReactive = configuration.text("scheduler-mode")?.toLowerCase() === "reactive";
    if (!jobManager || isAdaptive || isReactive) return;
    const slots = slotsOf(cluster, stack);
    if (slots === undefined) return;
    const one = configuration.get("parallelism.default");
    const jobs = jobsOf(stack, cluster);
    const wanted = jobs.map(({ parallelism, settings }) =>
      Number(parallelism ?? settings.findLast(({ key }) => key === one?.key)?.text ?? one?.text ?? 1),
    );
    const sum = wanted.reduce((all, each) => all + each, 0);
    const [largest, at] =
      sum > slots
        ? [sum, jobs.find(({ parallelismAt }) => parallelismAt?.isPresent)?.parallelismAt ?? one?.at]
        : [Number(one?.text), one?.at];
    if (!at || !(largest > slots)) return;
    run.violation(at, {
      actual:
        sum > slots && jobs.length > 1
          ? `one of ${jobs.length} jobs that together need ${sum} slots, while the cluster has ${slots}`
          : `a request for ${largest} slots, while the cluster has ${slots}`,
      expected: "at most the number of TaskManagers times their slots",
      fix: "Add TaskManagers or slots, or set jobmanager.scheduler: adaptive.",
    });
  },
});

/** The slots of a cluster's TaskManagers: undefined if unknown, or if the stack does not set their number. */
function slotsOf({ jobManager, taskManagers }: FlinkCluster, stack: Stack): number | undefined {
  if (taskManagers.length === 0) return undefined;
  let slots = 0;
  for (const process of taskManagers) {
    // Flink starts its own TaskManagers, and without a number the operator computes it.
    const isCounted = process.resource.spec.get("mode").text() === "standalone";
    const { at, count } = replicasOf(process);
    if (jobManager!.isCustom && (!isCounted || !at.isPresent)) return undefined;
    const own = configurationOf(stack, process);
    if (count === undefined || own.isPartial || scalersOf(stack, process).length > 0) return undefined;
    slots += count * Number(own.text("taskmanager.numberOfTaskSlots") ?? 1);
  }
  return slots;
}

/** The autoscalers of a workload. Unknown names count as its own, so that the rules never demand too much. */
function scalersOf(stack: Stack, { resource }: FlinkProcess): { at: Resource; most: Value }[] {
  const { byTarget, others } = stack.once("scalers", () => {
    const all = stack.kinds("autoscaling/HorizontalPodAutoscaler", "keda.sh/ScaledObject");
    const nameOf = (at: Resource) => at.spec.get("scaleTargetRef", "name").text();
    return {
      byTarget: groupBy(all, (at) => [nameOf(at) ?? []].flat()),
      others: all.filter((at) => nameOf(at) === undefined),
    };
  });
  const own = resource.objectName;
  const all = own === undefined ? [...byTarget.values()].flat() : (byTarget.get(own) ?? []);
  return [...all, ...others].flatMap((at) => {
    if (sameNamespace(at, resource) === false) return [];
    const target = at.spec.get("scaleTargetRef");
    const name = target.get("name");
    const kind = target.get("kind");
    if (!name.isUnknown && resource.objectName !== undefined && name.text() !== resource.objectName)
      return [];
    if (!kind.isAbsent && !kind.isUnknown && kind.text() !== resource.kind) return [];
    const most = at.spec.get(at.is("ScaledObject") ? "maxReplicaCount" : "maxReplicas");
    return [{ at, most }];
  });
}

export const scaledTaskManagers = clusterRule({
  name: "flink-scaled-task-managers",
  description: "TaskManagers with an autoscaler use the adaptive scheduler, and have one autoscaler only.",
  remediation:
    "Use Flink's adaptive scheduler if an autoscaler changes the number of TaskManagers, and only one autoscaler.",
  reference: flinkDocs("Elastic Scaling", "deployment/elastic_scaling/"),
  why: "Only the adaptive scheduler gives work to new TaskManagers. With more slots than pipeline.max-parallelism the last slots stay empty. A second autoscaler undoes the changes of the first one. With no TaskManagers a job causes no load that would bring them back. The autoscaler of the Flink operator sets each job's parallelism, and a HorizontalPodAutoscaler works against it. The rule autoscaler of the pack kubernetes covers other settings of the number of replicas.",
  level: "mandatory",
  severity: "medium",
  check(cluster, run, stack) {
    const { configuration } = cluster;
    for (const process of cluster.taskManagers) {
      const scalers = scalersOf(stack, process).filter(
        ({ at }) =>
          process.resource.objectName !== undefined &&
          sameNamespace(at, process.resource) === true &&
          !at.spec.get("scaleTargetRef", "name").isUnknown &&
          !at.spec.get("scaleTargetRef", "kind").isUnknown,
      );
      const scaler = scalers[0];
      if (!scaler) continue;
      const scheduler = configuration.get("jobmanager.scheduler");
      const isReactive = configuration.text("scheduler-mode")?.toLowerCase() === "reactive";
      const isAdaptive = scheduler !== undefined && scheduler.text.toLowerCase() === "adaptive";
      if (!isAdaptive && !isReactive && (scheduler || !configuration.isPartial) && !process.isCustom) {
        run.violation(scheduler?.at ?? scaler.at.spec.get("scaleTargetRef"), {
          actual: "of TaskManagers without the adaptive scheduler",
          expected: "jobmanager.scheduler: adaptive",
          fix: "Set it.",
        });
      }
      const own = configurationOf(stack, process);
      const slots = own.isPartial ? undefined : Number(own.text("taskmanager.numberOfTaskSlots") ?? 1);
      const most = configuration.get("pipeline.max-parallelism");
      const pods = scaler.most.number();
      if (
        most &&
        slots !== undefined &&
        pods !== undefined &&
        pods * slots > Number(most.text) &&
        Number(most.text) > 0
      ) {
        run.violation(scaler.most, {
          expected: `at most pipeline.max-parallelism (${most.text}) divided by ${slots} slots`,
          fix: "Lower it; max-parallelism cannot be changed later without losing state.",
        });
      }
      const least = scaler.at.spec.get(scaler.at.is("ScaledObject") ? "minReplicaCount" : "minReplicas");
      if (least.number() === 0) {
        run.violation(least, {
          expected: "1 or more",
          fix: "Write 1: a job without TaskManagers causes no load that would bring them back.",
        });
      }
      const operators = configuration.get("job.autoscaler.enabled");
      if (process.isCustom && operators?.text.toLowerCase() === "true") {
        run.violation(operators.at, {
          actual: `setting ${operators.key} to true, while ${scaler.at.name} scales the same pods`,
          expected: "one autoscaler",
          fix: "Remove one.",
        });
      }
      if (scalers.length > 1) {
        run.violation(scalers[1]!.at.spec.get("scaleTargetRef"), {
          actual: "also the target of another autoscaler",
          expected: "one autoscaler",
          fix: "Remove one.",
        });
      }
    }
  },
});

const dumps = {
  exitOnOutOfMemory: option<boolean>(
    false,
    "Whether to require taskmanager.jvm-exit-on-oom: true. Without it Flink ends a TaskManager only if the memory ran out outside of a task.",
    { type: "boolean" },
  ),
} satisfies Options;

export const javaOptions = settingRule({
  name: "flink-java-options",
  description: "Java options do not override Flink's memory options.",
  remediation: "Leave the option out and set Flink's own memory options.",
  reference: flinkDocs("Set up Flink's Process Memory, JVM parameters", "deployment/memory/mem_setup/"),
  why: "-Xmx and similar options override the values that Flink derives from its memory options, and the container's limit depends on these. A heap dump without a path goes to the working directory of the process, which is not a volume.",
  level: "advisory",
  severity: "medium",
  check({ key, text, at }, run) {
    if (!key.startsWith("env.java.opts")) return;
    const heap = /(?:^|\s)(-Xm[xs]\S+|-XX:Max(?:HeapSize|DirectMemorySize|MetaspaceSize)=\S+)/.exec(
      text,
    )?.[1];
    // Flink derives no memory for the other processes.
    const isDerived = !/\.(historyserver|sql-gateway|client)$/.test(key);
    if (heap !== undefined && isDerived) {
      run.violation(at, {
        actual: `setting ${key} with ${heap}`,
        expected: "Flink's own memory options",
        fix: "Set jobmanager.memory.process.size or taskmanager.memory.process.size, and parts of it if needed.",
      });
    }
    if (/-XX:\+HeapDumpOnOutOfMemoryError/.test(text) && !/-XX:HeapDumpPath=/.test(text)) {
      run.violation(at, {
        actual: `setting ${key} with a heap dump without a path`,
        expected: "-XX:HeapDumpPath on a volume with a size limit",
        fix: "Add it.",
      });
    }
  },
});

/** Java options that write files without a limit: heap dumps and garbage collection logs. */
const written = [
  /-XX:HeapDumpPath=([^\s"']+)/g,
  /-Xlog:[^\s"']*?:(?:file=)?(\/[^\s:"']+)/g,
  /-Xloggc:([^\s"']+)/g,
];

export const javaFiles = clusterRule<typeof dumps>({
  name: "flink-java-files",
  description: "The JVM writes its files to volumes. If required, a TaskManager ends when memory runs out.",
  remediation: "Let the JVM write to a volume.",
  reference: flinkDocs("Application Profiling and Debugging", "ops/debugging/application_profiling/"),
  why: "A heap dump is as large as the heap. In the container's own file system it is lost with the container that it should explain. It also fills the node's disk until Kubernetes evicts pods, and so do garbage collection logs. Flink's default does not end a TaskManager on every OutOfMemoryError (taskmanager.jvm-exit-on-oom): the rule requires this only with exitOnOutOfMemory.",
  level: "advisory",
  severity: "low",
  options: dumps,
  check(cluster, run, stack) {
    for (const process of cluster.all) {
      const configuration = configurationOf(stack, process);
      const isOf = new RegExp(`^env\\.java\\.(default-)?opts\\.(all|${process.role})$`);
      for (const { key, text, at } of configuration.settings.filter((setting) => isOf.test(setting.key))) {
        for (const [, file] of written.flatMap((pattern) => [...text.matchAll(pattern)])) {
          if (!file!.startsWith("/") || mountAt(process, file!) !== undefined) continue;
          run.violation(at, {
            actual: `setting ${key} with ${file}, which is not on a volume of the ${process.role}`,
            expected: "a path on a volume with a size limit",
            fix: "Mount an emptyDir with a sizeLimit there, or write a path on a volume.",
          });
        }
      }
      const key = "taskmanager.jvm-exit-on-oom";
      if (!run.config.exitOnOutOfMemory || process.role !== "taskmanager" || configuration.isPartial)
        continue;
      if (configuration.isOn(key)) continue;
      run.violation(configuration.get(key)?.at ?? configuration.home, {
        actual: `without ${key}`,
        expected: "true",
        fix: "Set it to true.",
      });
    }
  },
});

export const rules = [
  jobManagerReplicas,
  disruptionBudget,
  spread,
  gracePeriod,
  probes,
  enoughSlots,
  scaledTaskManagers,
  javaOptions,
  javaFiles,
];

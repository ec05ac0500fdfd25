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

/** Pods that a workload wants: undefined while unknown, or when something else decides. */
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
  description: "There is one JobManager, or high availability.",
  remediation: "Write replicas: 1, or turn high availability on.",
  reference: flinkDocs("Kubernetes HA Services", "deployment/ha/kubernetes_ha/"),
  why: "Without high availability two JobManagers are two clusters behind one Service. A JobManager in a bare pod, or in a Job that is not tried again, never comes back.",
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
        actual: "of a JobManager that nothing starts again",
        expected: "a Deployment, or a Job with a backoffLimit",
        fix: "High availability recovers the jobs when the pod comes back: let it.",
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
  description: "TaskManagers have a disruption budget, and no budget forbids every drain.",
  remediation: "Add a PodDisruptionBudget with maxUnavailable: 1 for the TaskManagers.",
  reference: kubernetesDocs("Disruptions", "concepts/workloads/pods/disruptions/"),
  why: "A drain that takes all TaskManagers at once restarts the job again and again. A budget that lets no pod go, as minAvailable: 1 for a single JobManager, blocks the upgrade of its node. It is off by default, as disruption-budget and disruption-possible of the pack kubernetes say the same of every workload: it is for those who use this pack alone.",
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
            fix: "Write maxUnavailable: 1 in its place.",
          });
        }
      }
    }
  },
});

export const spread = processRule({
  name: "flink-spread",
  description: "JobManagers that stand by are on other nodes than the one that leads.",
  remediation: "Add a podAntiAffinity, or a topologySpreadConstraint, over kubernetes.io/hostname.",
  reference: kubernetesDocs(
    "Pod Topology Spread Constraints",
    "concepts/scheduling-eviction/topology-spread-constraints/",
  ),
  why: "With both on one node the loss of that node is the loss of both.",
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
    "Seconds that must be left of them after the sleep of a preStop hook, as far as its length is written there.",
    { type: "integer", minimum: 0 },
  ),
} satisfies Options;

/** What Kubernetes gives a pod that does not say. */
const DEFAULT_GRACE = 30;

/** How long a hook before the end sleeps, where it says so. */
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
  description: "Flink's processes have time to stop, and a hook before that leaves them some of it.",
  remediation: "Raise terminationGracePeriodSeconds, or shorten the preStop hook.",
  reference: kubernetesDocs(
    "Pod Lifecycle, termination",
    "concepts/workloads/pods/pod-lifecycle/#pod-termination",
  ),
  why: "A process that is killed at once gives nothing back: files are left half written, and the others learn of it only by a heartbeat that stays away. What a preStop hook takes comes out of the same time. More than half a minute is of no use to Flink itself: five seconds after it was told to stop a process of Flink ends itself, whatever its tasks do, so that task.cancellation.timeout, three minutes, is about tasks that are cancelled while the process goes on, and not about pods that end. A hook that has savepoints or checkpoints made before needs the time that they take.",
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
      actual: `sleeping ${slept.seconds} of the ${seconds} seconds that the pod has to end`,
      expected: `${run.config.afterHook} seconds left for Flink`,
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

/** When a probe that never succeeds ends the process; undefined while that is not known. */
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
  description:
    "Kubernetes looks whether Flink's processes live, where they can be looked at, and not too soon.",
  remediation: "Probe a port that the process listens on, and give it time to start.",
  reference: kubernetesDocs(
    "Liveness, Readiness, and Startup Probes",
    "concepts/configuration/liveness-readiness-startup-probes/",
  ),
  why: "A process that hangs keeps its slots. TaskManagers choose a random port unless taskmanager.rpc.port is set, and a probe of another port restarts them for ever; a liveness probe of the REST API kills a JobManager that is only busy. A JVM on little CPU takes its time to start: one that is killed before never starts. Readiness is what the rule probes of the pack kubernetes is about, and probes with a host are what pss-host-probes is about.",
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
          fix: "Use that for liveness, and the REST API for readiness.",
        });
      }
      const end = container.get("startupProbe").isAbsent && live.isPresent ? endOf(live) : undefined;
      if (end !== undefined && end < run.config.startSeconds) {
        run.violation(live, {
          actual: `ending a process that has not started after ${end} s`,
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
  description: "There are slots for the parallelism.",
  remediation: "Add TaskManagers or slots, or lower the parallelism.",
  reference: flinkDocs("Flink Architecture, task slots", "concepts/flink-architecture/"),
  why: "A job that finds too few slots fails after a timeout, or with the adaptive scheduler runs slower than was asked for. In a session cluster the jobs of the stack share the slots. Nothing is asked for where Flink or the operator starts TaskManagers as they are needed, where something scales them, or where the adaptive scheduler takes what is there.",
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
          ? `part of what ${jobs.length} jobs ask for together, ${sum} slots of ${slots}`
          : `asking for ${largest} of ${slots} slots`,
      expected: "no more than TaskManagers times slots",
      fix: "Add TaskManagers or slots, or set jobmanager.scheduler: adaptive.",
    });
  },
});

/** The slots of a cluster's TaskManagers: undefined where they are not counted by anybody in the stack, or not known. */
function slotsOf({ jobManager, taskManagers }: FlinkCluster, stack: Stack): number | undefined {
  if (taskManagers.length === 0) return undefined;
  let slots = 0;
  for (const process of taskManagers) {
    // Flink starts its own TaskManagers, and without a number the operator works it out.
    const isCounted = process.resource.spec.get("mode").text() === "standalone";
    const { at, count } = replicasOf(process);
    if (jobManager!.isCustom && (!isCounted || !at.isPresent)) return undefined;
    const own = configurationOf(stack, process);
    if (count === undefined || own.isPartial || scalersOf(stack, process).length > 0) return undefined;
    slots += count * Number(own.text("taskmanager.numberOfTaskSlots") ?? 1);
  }
  return slots;
}

/** What scales a workload: undefined names count, so that nothing is demanded of what may be scaled. */
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
  description: "What is scaled by an autoscaler can use it, and by one alone.",
  remediation:
    "Use Flink's adaptive scheduler where an autoscaler changes the number of TaskManagers, and one autoscaler.",
  reference: flinkDocs("Elastic Scaling", "deployment/elastic_scaling/"),
  why: "Whether somebody else sets the number of replicas, too, is what autoscaler of the pack kubernetes is about. The autoscaler of the Flink operator sets each job's parallelism, and a HorizontalPodAutoscaler beside it works against it. Only the adaptive scheduler gives new TaskManagers work; with more slots than pipeline.max-parallelism the last of them stay empty; a second autoscaler undoes what the first one did; scaled to nothing, a job does nothing that would bring TaskManagers back.",
  level: "mandatory",
  severity: "medium",
  check(cluster, run, stack) {
    const { configuration } = cluster;
    for (const process of cluster.taskManagers) {
      const scalers = scalersOf(stack, process).filter(
        ({ at }) =>
          process.resource.objectName !== undefined && !at.spec.get("scaleTargetRef", "name").isUnknown,
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
          expected: `no more than pipeline.max-parallelism (${most.text}) by ${slots} slots`,
          fix: "Lower it; max-parallelism cannot be changed later without losing state.",
        });
      }
      const least = scaler.at.spec.get(scaler.at.is("ScaledObject") ? "minReplicaCount" : "minReplicas");
      if (least.number() === 0) {
        run.violation(least, {
          expected: "1 or more",
          fix: "Write 1: a job without TaskManagers stands still, and uses nothing that would bring them back.",
        });
      }
      const operators = configuration.get("job.autoscaler.enabled");
      if (process.isCustom && operators?.text.toLowerCase() === "true") {
        run.violation(operators.at, {
          actual: `setting ${operators.key} to true, beside ${scaler.at.name}`,
          expected: "one autoscaler",
          fix: "Remove one.",
        });
      }
      if (scalers.length > 1) {
        run.violation(scalers[1]!.at.spec.get("scaleTargetRef"), {
          actual: "what another autoscaler scales, too",
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
    "Whether taskmanager.jvm-exit-on-oom: true is asked for. Without it Flink itself ends a TaskManager only where the memory that is gone is not a task's own.",
    { type: "boolean" },
  ),
} satisfies Options;

export const javaOptions = settingRule({
  name: "flink-java-options",
  description: "Java options leave Flink's memory to Flink.",
  remediation: "Leave the option out and set Flink's own memory options.",
  reference: flinkDocs("Set up Flink's Process Memory, JVM parameters", "deployment/memory/mem_setup/"),
  why: "-Xmx and its like take the place of what Flink derives from its memory options, and the container's limit follows from those. A heap dump without a path goes to the directory that the process runs in, which is no volume.",
  level: "advisory",
  severity: "medium",
  check({ key, text, at }, run) {
    if (!key.startsWith("env.java.opts")) return;
    const heap = /(?:^|\s)(-Xm[xs]\S+|-XX:Max(?:HeapSize|DirectMemorySize|MetaspaceSize)=\S+)/.exec(
      text,
    )?.[1];
    // For the others Flink derives nothing.
    const isDerived = !/\.(historyserver|sql-gateway|client)$/.test(key);
    if (heap !== undefined && isDerived) {
      run.violation(at, {
        actual: `setting ${key} with ${heap}`,
        expected: "the memory options of Flink",
        fix: "Set jobmanager.memory.process.size or taskmanager.memory.process.size, and the parts where needed.",
      });
    }
    if (/-XX:\+HeapDumpOnOutOfMemoryError/.test(text) && !/-XX:HeapDumpPath=/.test(text)) {
      run.violation(at, {
        actual: `setting ${key} with a heap dump without a path`,
        expected: "-XX:HeapDumpPath on a volume with a size",
        fix: "Add it.",
      });
    }
  },
});

/** Where Java options have the JVM write what nobody bounds: heap dumps and the log of garbage collection. */
const written = [
  /-XX:HeapDumpPath=([^\s"']+)/g,
  /-Xlog:[^\s"']*?:(?:file=)?(\/[^\s:"']+)/g,
  /-Xloggc:([^\s"']+)/g,
];

export const javaFiles = clusterRule<typeof dumps>({
  name: "flink-java-files",
  description:
    "What the JVM writes goes to volumes, and a TaskManager without memory ends where that is asked for.",
  remediation: "Let the JVM write to a volume.",
  reference: flinkDocs("Application Profiling and Debugging", "ops/debugging/application_profiling/"),
  why: "A heap dump is as large as the heap. In the container's own files it is gone with the container that it was to explain, and fills the node's disk until Kubernetes evicts what is on it; so does the log of garbage collection. That a TaskManager ends on every OutOfMemoryError (taskmanager.jvm-exit-on-oom) is not Flink's default, and is only asked for with exitOnOutOfMemory.",
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
            actual: `setting ${key} with ${file}, which is in the container of the ${process.role}`,
            expected: "a path on a volume with a size",
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

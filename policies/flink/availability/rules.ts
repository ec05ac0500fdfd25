import {
  type Options,
  option,
  type Resource,
  sameNamespace,
  selects,
  type Stack,
  type Value,
} from "../../core";
import { configurationOf } from "../reading/clusters";
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
  return stack
    .kinds("policy/PodDisruptionBudget")
    .filter(
      (budget) =>
        sameNamespace(budget, resource) !== false &&
        selects(budget.spec.get("selector"), pod.metadata.get("labels")) !== false,
    );
}

export const disruptionBudget = clusterRule({
  name: "flink-disruption-budget",
  description: "TaskManagers have a disruption budget, and no budget forbids every drain.",
  why: "A drain that takes all TaskManagers at once restarts the job again and again. A budget that lets no pod go, as minAvailable: 1 for a single JobManager, blocks the upgrade of its node.",
  level: "advisory",
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
} satisfies Options;

export const gracePeriod = processRule<typeof grace>({
  name: "flink-grace-period",
  description: "Flink's processes have time to stop.",
  why: "A process that is killed at once gives nothing back: files are left half written, and the others learn of it only by a heartbeat that stays away.",
  level: "advisory",
  severity: "low",
  options: grace,
  check({ pod }, run) {
    const value = pod.spec.get("terminationGracePeriodSeconds");
    const seconds = value.number();
    if (seconds === undefined || seconds >= run.config.seconds) return;
    run.violation(value, {
      expected: `${run.config.seconds} or more`,
      fix: "Leave it out: 30 is the default.",
    });
  },
});

export const probes = clusterRule({
  name: "flink-probes",
  description: "Kubernetes looks whether Flink's processes live, where they can be looked at.",
  why: "A process that hangs keeps its slots. TaskManagers choose a random port unless taskmanager.rpc.port is set, and a probe of another port restarts them for ever; a liveness probe of the REST API kills a JobManager that is only busy.",
  level: "advisory",
  severity: "medium",
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
  why: "A job that finds too few slots fails after a timeout, or with the adaptive scheduler runs slower than was asked for.",
  level: "mandatory",
  severity: "medium",
  check(cluster, run, stack) {
    const { configuration, taskManagers, jobManager } = cluster;
    // Flink starts its own TaskManagers, or a scaler decides how many there are, or the job takes what is there.
    if (!jobManager || jobManager.isCustom || taskManagers.length === 0) return;
    const isAdaptive = /adaptive/i.test(configuration.text("jobmanager.scheduler") ?? "");
    const isReactive = configuration.text("scheduler-mode")?.toLowerCase() === "reactive";
    const parallelism = configuration.get("parallelism.default");
    if (isAdaptive || isReactive || !parallelism || !jobManager.isApplication) return;
    let slots = 0;
    for (const process of taskManagers) {
      const own = configurationOf(stack, process);
      const { count } = replicasOf(process);
      if (count === undefined || own.isPartial || scalersOf(stack, process).length > 0) return;
      slots += count * Number(own.text("taskmanager.numberOfTaskSlots") ?? 1);
    }
    if (!(Number(parallelism.text) > slots)) return;
    run.violation(parallelism.at, {
      actual: `setting parallelism.default to ${parallelism.text} on ${slots} slots`,
      expected: "no more than TaskManagers times slots",
      fix: "Add TaskManagers or slots, or set jobmanager.scheduler: adaptive.",
    });
  },
});

/** What scales a workload: undefined names count, so that nothing is demanded of what may be scaled. */
function scalersOf(stack: Stack, { resource }: FlinkProcess): { at: Resource; most: Value }[] {
  return stack.kinds("autoscaling/HorizontalPodAutoscaler", "keda.sh/ScaledObject").flatMap((at) => {
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
  description: "What is scaled by an autoscaler can use it.",
  why: "Only the adaptive scheduler gives new TaskManagers work; with more slots than pipeline.max-parallelism the last of them stay empty; a second autoscaler undoes what the first one did; scaled to nothing, a job does nothing that would bring TaskManagers back.",
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

export const javaOptions = settingRule({
  name: "flink-java-options",
  description: "Java options leave Flink's memory to Flink, and write to volumes.",
  why: "-Xmx and its like take the place of what Flink derives from its memory options, and the container's limit follows from those. A heap dump in the container is gone with it, and fills the node.",
  level: "advisory",
  severity: "medium",
  check({ key, text, at }, run) {
    if (!key.startsWith("env.java.opts")) return;
    const heap = /(?:^|\s)(-Xm[xs]\S+|-XX:Max(?:HeapSize|DirectMemorySize|MetaspaceSize)=\S+)/.exec(
      text,
    )?.[1];
    if (heap !== undefined) {
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

export const rules = [
  jobManagerReplicas,
  disruptionBudget,
  spread,
  gracePeriod,
  probes,
  enoughSlots,
  scaledTaskManagers,
  javaOptions,
];

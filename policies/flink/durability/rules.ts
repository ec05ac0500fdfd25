import { milliseconds } from "../../../components/flink/durations";
import {
  type Options,
  option,
  resourceRule,
  type Run,
  type Stack,
  stackRule,
  type Value,
  flinkDocs,
  operatorDocs,
} from "../../core";
import { fileSystemOf, schemeOf } from "../../../components/flink/file-systems";
import { withoutUnit } from "../../../components/flink/values";
import { type DeclaredJob, durableJobs, jobsOf, mayHaveMoreJobs } from "../reading/jobs";
import { clustersOf, type Configuration, type FlinkCluster, mayHaveFlink } from "../reading/clusters";
import { type Setting, settingsIn } from "../reading/settings";
import { clusterRule, settingRule } from "../rule-kinds";
import { whyLost } from "./places";

export const INTERVAL = "execution.checkpointing.interval";
export const CHECKPOINTS = "execution.checkpointing.dir";
export const SAVEPOINTS = "execution.checkpointing.savepoint-dir";
export const HA = "high-availability.type";
export const HA_STORAGE = "high-availability.storageDir";

const declared =
  "Declare a job that may lose its state: flink-kubernetes/upgrade-mode: stateless, upgradeMode: stateless, or execution.runtime-mode: BATCH.";

export const checkpointing = clusterRule({
  name: "flink-checkpointing",
  description: "Streaming jobs take checkpoints.",
  remediation: "Set execution.checkpointing.interval, and a durable directory.",
  reference: flinkDocs("Checkpoints", "ops/state/checkpoints/"),
  why: `Checkpoints are off by default. Without them a failure loses all state, and Flink does not restart the job. ${declared}`,
  level: "mandatory",
  severity: "high",
  check(cluster, run, stack) {
    const { configuration } = cluster;
    for (const job of durableJobs(stack, cluster)) {
      const own = job.settings.findLast(({ key }) => key === INTERVAL);
      const interval = own ?? configuration.get(INTERVAL);
      if (interval && milliseconds(interval.text) === 0) {
        run.violation(interval.at, {
          actual: `setting ${INTERVAL} to ${interval.text}`,
          expected: "an interval greater than 0",
          fix: "Write for example 1min.",
        });
      } else if (!interval && !configuration.isPartial && !job.isPartial && !job.hasDefaultInterval) {
        run.violation(job.at, {
          actual: `of a streaming job without ${INTERVAL}`,
          expected: "checkpoints",
          fix: `Set ${INTERVAL}, for example to 1min, or declare the job stateless.`,
        });
      }
    }
  },
});

export const durableState = clusterRule({
  name: "flink-durable-state",
  description:
    "Checkpoints, savepoints and high availability keep their files in a durable place that all pods can reach.",
  remediation: "Use directories in an object store, or on a claim that all pods mount.",
  reference: flinkDocs("Checkpoints", "ops/state/checkpoints/"),
  why: `State in the JobManager's memory, a container, an emptyDir or on a node is lost with it, and TaskManagers on other nodes cannot read it. ${declared}`,
  level: "mandatory",
  severity: "high",
  check(cluster, run, stack) {
    const { configuration } = cluster;
    const jobs = jobsOf(stack, cluster);
    const durable = durableJobs(stack, cluster);
    if (durable.length === 0 && jobs.length > 0) return;
    for (const key of [CHECKPOINTS, SAVEPOINTS, HA_STORAGE]) {
      const written = [
        configuration.get(key),
        ...durable.map((job) => job.settings.findLast((it) => it.key === key)),
      ];
      for (const setting of written) {
        const lost = setting && whyLost(stack, cluster, setting.text);
        if (lost === undefined) continue;
        run.violation(setting!.at, {
          actual: `setting ${key} to ${setting!.text}, but ${lost}`,
          expected:
            "an object store, a distributed file system, or a claim with ReadWriteMany that JobManager and TaskManagers mount",
          fix: "Write for example s3://bucket/flink.",
        });
      }
    }
    for (const job of durable) {
      const find = (key: string) => job.settings.findLast((it) => it.key === key) ?? configuration.get(key);
      const storage = find("execution.checkpointing.storage");
      if (storage?.text.toLowerCase() === "jobmanager") {
        run.violation(storage.at, {
          actual: "keeping checkpoints in the JobManager's memory",
          expected: "filesystem",
          fix: `Leave it out, and set ${CHECKPOINTS}.`,
        });
      } else if (find(INTERVAL) && !find(CHECKPOINTS) && !configuration.isPartial && !job.isPartial) {
        run.violation(job.at, {
          actual: `of a job with checkpoints but without ${CHECKPOINTS}, so they are in the JobManager's memory`,
          expected: "a directory that outlives the pods",
          fix: `Set ${CHECKPOINTS}, for example to s3://bucket/flink.`,
        });
      }
    }
  },
});

const haType = /^kubernetes$|KubernetesHaServicesFactory/;

function isHighlyAvailable({ configuration }: FlinkCluster): boolean {
  const type = configuration.text(HA);
  return type !== undefined && !/^none$/i.test(type);
}

/** The id that distinguishes clusters for high availability. */
function clusterId({ configuration }: FlinkCluster): Setting | undefined {
  return configuration.get("kubernetes.cluster-id") ?? configuration.get("high-availability.cluster-id");
}

export const highAvailability = clusterRule({
  name: "flink-high-availability",
  description: "High availability is on, so a lost JobManager comes back with its jobs.",
  remediation: "Set high-availability.type: kubernetes, with a directory in an object store.",
  reference: flinkDocs("Kubernetes HA Services", "deployment/ha/kubernetes_ha/"),
  why: "Without high availability a restarted JobManager has no jobs, and somebody must start them again from their last checkpoints. The rule is off by default: a test cluster does not need high availability, and it is a choice if a program or an operator restarts the jobs. Turn it on for production, where each exception should have a reason. Jobs that may lose their state, or that end, do not need it.",
  level: "disabled",
  severity: "medium",
  check(cluster, run, stack) {
    const { jobManager, configuration } = cluster;
    if (!jobManager || configuration.isPartial || isHighlyAvailable(cluster)) return;
    if (jobsOf(stack, cluster).length > 0 && durableJobs(stack, cluster).length === 0) return;
    if (mayHaveMoreJobs(stack, cluster)) return;
    run.violation(configuration.get(HA)?.at ?? configuration.home, {
      actual: "of a JobManager without high availability",
      expected: `${HA}: kubernetes`,
      fix: `Set it, with ${HA_STORAGE} and kubernetes.cluster-id.`,
    });
  },
});

export const haStorage = stackRule({
  name: "flink-ha-storage",
  description: "High availability has a directory and a cluster id of its own.",
  remediation:
    "Set high-availability.storageDir, and a kubernetes.cluster-id that is unique in the namespace.",
  reference: flinkDocs("Kubernetes HA Services", "deployment/ha/kubernetes_ha/"),
  why: "High availability keeps only pointers in Kubernetes or ZooKeeper, so without a directory Flink does not start. Two clusters with the same id in a namespace, or in one ZooKeeper, take over each other's jobs. Clusters with the same id and the same directory share it, wherever they run: one deletes files that the other needs, and a job that has ended in one does not start in the other.",
  level: "mandatory",
  severity: "high",
  applies: mayHaveFlink,
  check(stack, run) {
    const sharing = new Map<string, { at: Value; actual: string }[]>();
    for (const cluster of clustersOf(stack)) {
      const { jobManager, configuration } = cluster;
      const type = configuration.get(HA);
      if (!jobManager || !type || !isHighlyAvailable(cluster)) continue;
      if (!configuration.get(HA_STORAGE) && !configuration.isPartial) {
        run.violation(type.at, {
          actual: `setting ${HA} without ${HA_STORAGE}`,
          expected: `${HA_STORAGE}`,
          fix: "Set it to a directory in an object store, such as s3://bucket/flink/ha.",
        });
      }
      if (haType.test(type.text) && !jobManager.isCustom && !clusterId(cluster) && !configuration.isPartial) {
        run.violation(type.at, {
          actual: `setting ${HA} without kubernetes.cluster-id`,
          expected: "an id that only this cluster has",
          fix: "Set kubernetes.cluster-id to the cluster's name.",
        });
      }
      for (const { key, at, actual } of placesOf(stack, cluster)) {
        sharing.set(key, [...(sharing.get(key) ?? []), { at, actual }]);
      }
    }
    for (const { at, actual } of [...sharing.values()].filter((all) => all.length > 1).flat()) {
      run.violation(at, {
        actual,
        expected: "an id that only this cluster has",
        fix: "Give each cluster its own id.",
      });
    }
  },
});

/** Where a cluster keeps its high availability data: no two clusters may share one of these. */
function placesOf(stack: Stack, cluster: FlinkCluster): { key: string; at: Value; actual: string }[] {
  const { configuration } = cluster;
  const { resource, isCustom } = cluster.jobManager!;
  const namespace = resource.metadata.get("namespace");
  // A file in a namespace that is not known yet may belong to another cluster.
  const holders = [HA, HA_STORAGE].flatMap((key) => configuration.get(key)?.at.reader.urn ?? []);
  const namespaces = holders.map((urn) => stack.find(urn)?.metadata.get("namespace"));
  if ([namespace, ...namespaces].some((value) => value?.isUnknown === true)) return [];
  // The operator uses the name of the custom resource.
  const own = isCustom ? resource.metadata.get("name") : undefined;
  const id = own ? own.text() : clusterId(cluster)?.text;
  const at = own ?? clusterId(cluster)?.at ?? configuration.get(HA)!.at;
  const saying = `the id ${id ?? "that is Flink's default"} for high availability`;
  const found: { key: string; at: Value; actual: string }[] = [];
  const add = (key: string, with_: string) => void found.push({ key, at, actual: `${saying}, as ${with_}` });
  if (haType.test(configuration.text(HA) ?? "")) {
    if (id === undefined) return [];
    add(`namespace ${namespace.text() ?? "default"} ${id}`, "another cluster in this namespace");
  } else {
    if (id === undefined && configuration.isPartial) return [];
    const option = (name: string) => configuration.text(`high-availability.zookeeper.${name}`);
    const quorum = option("quorum");
    if (quorum !== undefined)
      add(
        `zookeeper ${quorum} ${option("path.root") ?? "/flink"} ${id}`,
        "another cluster in this ZooKeeper",
      );
  }
  const directory = configuration.text(HA_STORAGE)?.replace(/\/+$/, "");
  // A path without a scheme is in each cluster's own volumes.
  if (found.length > 0 && directory !== undefined && (schemeOf(directory) ?? "file") !== "file")
    add(`directory ${directory} ${id}`, `another cluster that keeps it in ${directory}`);
  return found;
}

/** Jobs come back after a failure. */
export const restartStrategy = settingRule({
  name: "flink-restart-strategy",
  description: "Jobs restart after a failure.",
  remediation: "Leave the option out, or set restart-strategy.type to exponential-delay.",
  reference: flinkDocs("Task Failure Recovery", "ops/state/task_failure_recovery/"),
  why: "Without a restart strategy the first lost TaskManager ends the job for good.",
  level: "mandatory",
  severity: "high",
  check({ key, text, at }, run) {
    if (key !== "restart-strategy.type" || !["none", "off", "disable"].includes(text.toLowerCase())) return;
    run.violation(at, {
      actual: `setting ${key} to ${text}`,
      expected: "exponential-delay, fixed-delay or failure-rate",
      fix: "Leave it out: exponential-delay is the default with checkpoints.",
    });
  },
});

const kept = {
  retained: option<number>(2, "The number of checkpoints to keep, for jobs with checkpoints in files.", {
    type: "integer",
    minimum: 1,
  }),
} satisfies Options;

const RETENTION = "execution.checkpointing.externalized-checkpoint-retention";
const UNALIGNED = "execution.checkpointing.unaligned.enabled";

export const checkpointSettings = clusterRule<typeof kept>({
  name: "flink-checkpoint-settings",
  description: "Several checkpoints are kept, also after a cancellation, and each has enough time.",
  remediation: "Retain checkpoints on cancellation, keep more than one, and give each enough time.",
  reference: flinkDocs("Checkpoints", "ops/state/checkpoints/"),
  why: "If a job has only one checkpoint, its files may be damaged. Flink's default deletes checkpoints on cancellation, so a cancelled job cannot be brought back. An interval without a unit is in milliseconds: 60 is a checkpoint every 60 ms. With a timeout below the interval, checkpoints never complete under load. With a pause above the interval, they are less frequent than the interval. Unaligned checkpoints need exactly-once and one checkpoint at a time: otherwise Flink turns them off or refuses the job.",
  level: "advisory",
  severity: "medium",
  options: kept,
  check(cluster, run, stack) {
    const { configuration } = cluster;
    const jobs = durableJobs(stack, cluster);
    if (!configuration.get(CHECKPOINTS) || jobs.length === 0) return;
    const number = configuration.get("execution.checkpointing.num-retained");
    const retained = Number(number?.text ?? 1);
    if (retained < run.config.retained && (number || !configuration.isPartial)) {
      run.violation(number?.at ?? configuration.get(CHECKPOINTS)!.at, {
        actual: `keeping ${retained} checkpoint`,
        expected: `execution.checkpointing.num-retained: ${run.config.retained} or more`,
        fix: "Set it to 3.",
      });
    }
    for (const job of jobs) checkRetention(cluster, job, run);
    checkTimes(configuration, run);
    checkUnaligned(configuration, run);
  },
});

function checkRetention({ configuration, jobManager }: FlinkCluster, job: DeclaredJob, run: Run): void {
  const retention = job.settings.findLast(({ key }) => key === RETENTION) ?? configuration.get(RETENTION);
  if (retention?.text.toUpperCase() === "RETAIN_ON_CANCELLATION") return;
  // The Flink operator sets it for the applications that it runs.
  const isSet = jobManager!.isCustom && jobManager!.isApplication;
  const isLeftOut = !configuration.isPartial && !job.isPartial && !isSet;
  if (!retention && !isLeftOut) return;
  run.violation(retention?.at ?? configuration.get(CHECKPOINTS)!.at, {
    actual: retention ? `setting ${retention.key} to ${retention.text}` : `without ${RETENTION}`,
    expected: "RETAIN_ON_CANCELLATION",
    fix: "Write this: a cancelled job can then be brought back from its last checkpoint.",
  });
}

function checkTimes(configuration: Configuration, run: Run): void {
  const interval = configuration.get(INTERVAL);
  const every = milliseconds(interval?.text ?? "");
  if (!interval || every === undefined) return;
  const bare = withoutUnit(interval.text);
  if (bare) {
    run.violation(interval.at, {
      actual: `setting ${interval.key} to ${interval.text}, which is in milliseconds`,
      expected: "a number with a unit",
      fix: `${bare.fix.charAt(0).toUpperCase()}${bare.fix.slice(1)}.`,
    });
    return;
  }
  for (const [key, isWrong, expected, fix] of [
    [
      "timeout",
      (given) => given < every,
      "at least the interval",
      "Leave it out: the default is 10 minutes.",
    ],
    ["min-pause", (given) => given > every, "no more than the interval", "Lower it, or raise the interval."],
  ] as [string, (given: number) => boolean, string, string][]) {
    const setting = configuration.get(`execution.checkpointing.${key}`);
    const given = milliseconds(setting?.text ?? "");
    if (!setting || given === undefined || !isWrong(given)) continue;
    run.violation(setting.at, {
      actual: `setting execution.checkpointing.${key} to ${setting.text}, with an interval of ${interval.text}`,
      expected,
      fix,
    });
  }
}

function checkUnaligned(configuration: Configuration, run: Run): void {
  if (!configuration.isOn(UNALIGNED)) return;
  const mode = configuration.get("execution.checkpointing.mode");
  const several = configuration.get("execution.checkpointing.max-concurrent-checkpoints");
  const wrong = [
    [mode, /^at[-_]least[-_]once$/i.test(mode?.text ?? ""), "EXACTLY_ONCE"],
    [several, Number(several?.text) > 1, "1"],
  ] as const;
  for (const [setting, isWrong, expected] of wrong) {
    if (!setting || !isWrong) continue;
    run.violation(setting.at, {
      actual: `setting ${setting.key} to ${setting.text}, with ${UNALIGNED}`,
      expected,
      fix: `Leave it out, or turn ${UNALIGNED} off.`,
    });
  }
}

export const upgradeMode = resourceRule({
  name: "flink-upgrade-mode",
  description: "Upgrades by the Flink operator keep all state, from a durable place.",
  remediation: "Use upgradeMode savepoint or last-state, with durable directories.",
  reference: operatorDocs("Job Lifecycle Management", "custom-resource/job-management/"),
  why: "last-state restores from the pointers of high availability, and cannot work without it. With allowNonRestoredState a renamed operator silently loses its state. A savepoint in a pod's file system is lost before anybody can use it.",
  level: "mandatory",
  severity: "high",
  applies: (resource) => resource.is("flink.apache.org/FlinkDeployment", "flink.apache.org/FlinkSessionJob"),
  check(resource, run) {
    const job = resource.spec.get("job");
    if (job.isAbsent) return;
    const mode = job.get("upgradeMode");
    const isStateless = mode.text() === "stateless" || mode.isUnknown;
    const settings = settingsIn(resource);
    const options = resource.spec.get("flinkConfiguration");
    const hidden = [options, ...options.entries().map(([, value]) => value)].map((value) => value.isUnknown);
    const hasHa =
      settings.some(({ key, text }) => key === HA && !/^none$/i.test(text)) || hidden.includes(true);
    if (mode.text() === "last-state" && resource.is("FlinkDeployment") && !hasHa) {
      run.violation(mode, {
        expected: "savepoint, because there is no high availability",
        fix: `Set ${HA}: kubernetes and ${HA_STORAGE}, or use savepoint.`,
      });
    }
    const hasSavepoints = settings.some(({ key }) => key === SAVEPOINTS) || hidden.includes(true);
    if (mode.text() === "savepoint" && resource.is("FlinkDeployment") && !hasSavepoints) {
      run.violation(mode, {
        expected: `${SAVEPOINTS} to be set too`,
        fix: "Set it to a directory in an object store.",
      });
    }
    const partly = job.get("allowNonRestoredState");
    if (!isStateless && partly.boolean() === true) {
      run.violation(partly, {
        expected: "false",
        fix: "Leave it out, and set it only for an upgrade that drops an operator on purpose.",
      });
    }
    const from = job.get("initialSavepointPath");
    const path = from.text();
    if (path === undefined || path === "" || isStateless || fileSystemOf(path) !== undefined) return;
    if (schemeOf(path) !== undefined) return;
    run.violation(from, {
      expected: "a URI of an object store or a distributed file system",
      fix: "Write for example s3://bucket/savepoints/savepoint-1.",
    });
  },
});

/** The state that a JobManager's job starts from, and whether a part of it may be dropped. */
const FROM = "execution.state-recovery.path";
const PARTLY = "execution.state-recovery.ignore-unclaimed-state";

export const restoredState = clusterRule({
  name: "flink-restored-state",
  description: "A job restores all state of a savepoint, and from a durable place.",
  remediation: "Name a savepoint in a durable store, and do not allow state to be dropped.",
  reference: flinkDocs("Savepoints", "ops/state/savepoints/"),
  why: `With allowNonRestoredState a renamed operator silently loses its state, at each start. A savepoint in a pod's file system is lost before anybody can use it. For custom resources of the Flink operator, flink-upgrade-mode checks the same. ${declared}`,
  level: "mandatory",
  severity: "high",
  check(cluster, run, stack) {
    const { jobManager, configuration } = cluster;
    if (!jobManager || jobManager.isCustom || durableJobs(stack, cluster).length === 0) return;
    const words = ["command", "args"].flatMap((field) => jobManager.container.get(field).list());
    // The program's own arguments follow it.
    const end = words.findIndex((word) => word.isUnknown || word.text() === "--");
    const own = end < 0 ? words : words.slice(0, end);
    const partly = own.filter((word) => ["--allowNonRestoredState", "-n"].includes(word.text() ?? ""));
    const option = configuration.isOn(PARTLY) ? [configuration.get(PARTLY)!.at] : [];
    for (const at of [...partly, ...option]) {
      run.violation(at, {
        actual: "starting a job with a part of its state",
        expected: "all of it",
        fix: "Leave it out, and set it only for a start that drops an operator on purpose.",
      });
    }
    const given = own.flatMap((word, index) =>
      ["--fromSavepoint", "-s"].includes(word.text() ?? "") && own[index + 1] ? [own[index + 1]!] : [],
    );
    const places = given.map((at) => ({ at, text: at.text() ?? "" }));
    for (const { at, text } of [...places, ...[configuration.get(FROM) ?? []].flat()]) {
      const lost = text === "" || text.startsWith("$") ? undefined : whyLost(stack, cluster, text);
      if (lost === undefined) continue;
      run.violation(at, {
        actual: `starting a job from ${text}, but ${lost}`,
        expected: "an object store, or a claim that the JobManager and the TaskManagers mount",
        fix: "Write for example s3://bucket/savepoints/savepoint-1.",
      });
    }
  },
});

export const rules = [
  checkpointing,
  durableState,
  highAvailability,
  haStorage,
  restartStrategy,
  checkpointSettings,
  upgradeMode,
  restoredState,
];

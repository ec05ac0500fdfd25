import { milliseconds } from "../../../components/flink/durations";
import { type Options, option, resourceRule, sameNamespace } from "../../core";
import { fileSystemOf, schemeOf } from "../../../components/flink/file-systems";
import { durableJobs, jobsOf } from "../reading/jobs";
import { clustersOf } from "../reading/clusters";
import { settingsIn } from "../reading/settings";
import { clusterRule, settingRule } from "../rule-kinds";
import { whyLost } from "./places";

export const INTERVAL = "execution.checkpointing.interval";
export const CHECKPOINTS = "execution.checkpointing.dir";
export const SAVEPOINTS = "execution.checkpointing.savepoint-dir";
export const HA = "high-availability.type";
export const HA_STORAGE = "high-availability.storageDir";

const declared =
  "A job that may lose its state says so: flink-kubernetes/upgrade-mode: stateless, upgradeMode: stateless, or execution.runtime-mode: BATCH.";

export const checkpointing = clusterRule({
  name: "flink-checkpointing",
  description: "Streaming jobs make checkpoints.",
  why: `Without checkpoints, which are off by default, a failure loses all state, and Flink does not restart the job. ${declared}`,
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
          fix: "Write such as 1min.",
        });
      } else if (!interval && !configuration.isPartial && !job.isPartial) {
        run.violation(job.at, {
          actual: `of a streaming job without ${INTERVAL}`,
          expected: "checkpoints",
          fix: `Set ${INTERVAL} to such as 1min, or declare the job stateless.`,
        });
      }
    }
  },
});

export const durableState = clusterRule({
  name: "flink-durable-state",
  description:
    "Checkpoints, savepoints and high availability keep their files where all pods find them again.",
  why: `In the JobManager's memory, in a container, an emptyDir or on a node the state is gone with them, and TaskManagers on other nodes cannot read it. ${declared}`,
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
          fix: "Write such as s3://bucket/flink.",
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
          actual: `of a job with checkpoints and without ${CHECKPOINTS}, so they are in the JobManager's memory`,
          expected: "a directory that outlives the pods",
          fix: `Set ${CHECKPOINTS} to such as s3://bucket/flink.`,
        });
      }
    }
  },
});

export const haStorage = clusterRule({
  name: "flink-ha-storage",
  description: "High availability has a directory and a cluster id of its own.",
  why: "High availability keeps only pointers in Kubernetes; without a directory Flink does not start. Two clusters with one id in a namespace take each other's jobs.",
  level: "mandatory",
  severity: "high",
  check({ configuration, jobManager }, run, stack) {
    const type = configuration.get(HA);
    if (!jobManager || !type || /^none$/i.test(type.text)) return;
    if (!configuration.get(HA_STORAGE) && !configuration.isPartial) {
      run.violation(type.at, {
        actual: `setting ${HA} without ${HA_STORAGE}`,
        expected: `${HA_STORAGE}`,
        fix: "Set it to a directory in an object store, such as s3://bucket/flink/ha.",
      });
    }
    const isKubernetes = /^kubernetes$|KubernetesHaServicesFactory/.test(type.text);
    const id =
      configuration.get("kubernetes.cluster-id") ?? configuration.get("high-availability.cluster-id");
    if (isKubernetes && !jobManager.isCustom && !id && !configuration.isPartial) {
      run.violation(type.at, {
        actual: `setting ${HA} without kubernetes.cluster-id`,
        expected: "an id of this cluster alone",
        fix: "Set kubernetes.cluster-id to the cluster's name.",
      });
    }
    const isTaken = clustersOf(stack).some(
      (other) =>
        other.jobManager !== undefined &&
        other.jobManager.resource !== jobManager.resource &&
        sameNamespace(other.jobManager.resource, jobManager.resource) === true &&
        (
          other.configuration.get("kubernetes.cluster-id") ??
          other.configuration.get("high-availability.cluster-id")
        )?.text === id?.text,
    );
    if (isKubernetes && id && isTaken) {
      run.violation(id.at, {
        actual: `setting ${id.key} to ${id.text}, as another cluster in this namespace`,
        expected: "an id of this cluster alone",
        fix: "Give each cluster its own.",
      });
    }
  },
});

/** Jobs come back after a failure, or it is no streaming platform. */
export const restartStrategy = settingRule({
  name: "flink-restart-strategy",
  description: "Jobs are started again after a failure.",
  why: "With no restart strategy the first lost TaskManager ends the job for good.",
  level: "mandatory",
  severity: "high",
  check({ key, text, at }, run) {
    if (key !== "restart-strategy.type" || !["none", "off", "disable"].includes(text.toLowerCase())) return;
    run.violation(at, {
      actual: `setting ${key} to ${text}`,
      expected: "exponential-delay, fixed-delay or failure-rate",
      fix: "Leave it out: exponential-delay is the default where there are checkpoints.",
    });
  },
});

const kept = {
  retained: option<number>(2, "Checkpoints that must be kept, of jobs with checkpoints in files.", {
    type: "integer",
    minimum: 1,
  }),
} satisfies Options;

export const checkpointSettings = clusterRule<typeof kept>({
  name: "flink-checkpoint-settings",
  description: "Checkpoints are kept after a cancellation, more than one of them, with time to be made.",
  why: "The only checkpoint may be the one whose files are damaged. One that is deleted on cancellation cannot bring a cancelled job back. Checkpoints that may not take longer than their interval never complete under load.",
  level: "advisory",
  severity: "medium",
  options: kept,
  check(cluster, run, stack) {
    const { configuration } = cluster;
    if (!configuration.get(CHECKPOINTS) || durableJobs(stack, cluster).length === 0) return;
    const number = configuration.get("execution.checkpointing.num-retained");
    const retained = Number(number?.text ?? 1);
    if (retained < run.config.retained && (number || !configuration.isPartial)) {
      run.violation(number?.at ?? configuration.get(CHECKPOINTS)!.at, {
        actual: `keeping ${retained} checkpoint`,
        expected: `execution.checkpointing.num-retained: ${run.config.retained} or more`,
        fix: "Set it to 3.",
      });
    }
    const retention = configuration.get("execution.checkpointing.externalized-checkpoint-retention");
    if (retention && retention.text.toUpperCase() !== "RETAIN_ON_CANCELLATION") {
      run.violation(retention.at, {
        actual: `setting ${retention.key} to ${retention.text}`,
        expected: "RETAIN_ON_CANCELLATION",
        fix: "Write that: a cancelled job is then brought back from its last checkpoint.",
      });
    }
    const timeout = configuration.get("execution.checkpointing.timeout");
    const interval = configuration.get(INTERVAL);
    const [limit, every] = [timeout, interval].map((it) => (it ? milliseconds(it.text) : undefined));
    if (limit === undefined || every === undefined || limit >= every) return;
    run.violation(timeout!.at, {
      actual: `setting execution.checkpointing.timeout to ${timeout!.text}, with an interval of ${interval!.text}`,
      expected: "at least the interval",
      fix: "Leave it out: 10 minutes are the default.",
    });
  },
});

export const upgradeMode = resourceRule({
  name: "flink-upgrade-mode",
  description: "Upgrades by the Flink operator keep the state, all of it, from a place that lasts.",
  why: "last-state restores from high availability's pointers and cannot without it. With allowNonRestoredState a renamed operator silently loses its state. A savepoint in a pod's file system is gone when it is wanted.",
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
        expected: "savepoint, as there is no high availability",
        fix: `Set ${HA}: kubernetes and ${HA_STORAGE}, or use savepoint.`,
      });
    }
    const hasSavepoints = settings.some(({ key }) => key === SAVEPOINTS) || hidden.includes(true);
    if (mode.text() === "savepoint" && resource.is("FlinkDeployment") && !hasSavepoints) {
      run.violation(mode, {
        expected: `${SAVEPOINTS} with it`,
        fix: "Set it to a directory in an object store.",
      });
    }
    const partly = job.get("allowNonRestoredState");
    if (!isStateless && partly.boolean() === true) {
      run.violation(partly, {
        expected: "false",
        fix: "Leave it out, and set it only for the one upgrade that drops an operator on purpose.",
      });
    }
    const from = job.get("initialSavepointPath");
    const path = from.text();
    if (path === undefined || path === "" || isStateless || fileSystemOf(path) !== undefined) return;
    if (schemeOf(path) !== undefined) return;
    run.violation(from, {
      expected: "a URI of an object store or a distributed file system",
      fix: "Write such as s3://bucket/savepoints/savepoint-1.",
    });
  },
});

export const rules = [
  checkpointing,
  durableState,
  haStorage,
  restartStrategy,
  checkpointSettings,
  upgradeMode,
];

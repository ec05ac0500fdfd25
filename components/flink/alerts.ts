import { clusterLabel, namespaceLabel, selector } from "./metrics";

/** An alert in Prometheus' form. */
export interface Alert {
  alert: AlertName;
  expr: string;
  /** How long the condition must hold. */
  for: string;
  /** `critical`: nothing is processed, or a restart would lose much. `warning`: this is about to happen. */
  severity: "critical" | "warning";
  summary: string;
  description: string;
}

export const alertNames = [
  "FlinkJobManagerMissing",
  "FlinkNoLeader",
  "FlinkTaskManagersMissing",
  "FlinkJobNotRunning",
  "FlinkJobGone",
  "FlinkJobRestarting",
  "FlinkCheckpointsFailing",
  "FlinkCheckpointTooOld",
  "FlinkBackpressure",
  "FlinkHeapNearLimit",
  "FlinkMetaspaceNearLimit",
] as const;
export type AlertName = (typeof alertNames)[number];

/** Facts about a cluster that its alerts depend on. */
export interface AlertFacts {
  namespace: string;
  cluster: string;
  /** Minimum number of TaskManagers. */
  taskManagers: number;
  highAvailability: boolean;
  /** In Prometheus' notation. */
  maximumCheckpointAge: string;
}

/**
 * Alerts that justify waking somebody. They use only metrics of every supported version. Thresholds tolerate
 * normal events: a rescaling, a rolling update, one lost TaskManager.
 */
export function alerts({
  namespace,
  cluster,
  taskManagers,
  highAvailability,
  maximumCheckpointAge: age,
}: AlertFacts): Alert[] {
  const of = selector(namespace, cluster);
  const by = (...labels: string[]) => `by (${[namespaceLabel, clusterLabel, ...labels].join(", ")})`;
  const where = `Flink cluster ${namespace}/${cluster}`;
  const job = "job {{ $labels.job_name }}";
  const leader: Alert = {
    alert: "FlinkNoLeader",
    expr: `count ${by()} (flink_jobmanager_Status_JVM_Threads_Count${of}) unless count ${by()} (flink_jobmanager_numRegisteredTaskManagers${of})`,
    for: "2m",
    severity: "critical",
    summary: `${where} has JobManagers, none of which leads`,
    description:
      "No job runs or is accepted. Look at the JobManagers' logs and at the ConfigMaps of their election.",
  };
  const memory = (
    alert: AlertName,
    area: string,
    limit: number,
    severity: Alert["severity"],
    description: string,
  ): Alert => {
    // Garbage collection cannot free the minimum of a quarter of an hour.
    const share = (role: string) =>
      `min_over_time(flink_${role}_Status_JVM_Memory_${area}_Used${of}[15m]) / flink_${role}_Status_JVM_Memory_${area}_Max${of}`;
    return {
      alert,
      expr: `(${share("jobmanager")} or ${share("taskmanager")}) > ${limit}`,
      for: "5m",
      severity,
      summary: `${where}: {{ if $labels.tm_id }}TaskManager {{ $labels.tm_id }}{{ else }}the JobManager{{ end }} uses {{ $value | humanizePercentage }} of its ${area.toLowerCase()}`,
      description,
    };
  };
  return [
    {
      alert: "FlinkJobManagerMissing",
      expr: `absent(flink_jobmanager_Status_JVM_Threads_Count${of})`,
      for: "5m",
      severity: "critical",
      summary: `${where} has no JobManager that Prometheus can read`,
      description: "It does not run, or a NetworkPolicy or a missing PodMonitor keeps Prometheus away.",
    },
    ...(highAvailability ? [leader] : []),
    {
      alert: "FlinkTaskManagersMissing",
      expr: `sum ${by()} (flink_jobmanager_numRegisteredTaskManagers${of}) < ${taskManagers}`,
      for: "10m",
      severity: "warning",
      summary: `${where} has {{ $value }} TaskManagers instead of ${taskManagers}`,
      description:
        "Jobs run with fewer slots, or not at all. Look for pods that cannot be scheduled or do not register.",
    },
    {
      alert: "FlinkJobNotRunning",
      expr: `max ${by("job_name")} (flink_jobmanager_job_runningState${of}) == 0`,
      for: "5m",
      severity: "critical",
      summary: `${where}: ${job} does not run`,
      description: "It waits for slots, or restarts again and again. The web UI shows the exception.",
    },
    {
      alert: "FlinkJobGone",
      // More jobs during all of half an hour, and then fewer for five minutes.
      expr: `sum ${by()} (flink_jobmanager_numRunningJobs${of}) < min_over_time(sum ${by()} (flink_jobmanager_numRunningJobs${of})[30m:1m] offset 10m)`,
      for: "5m",
      severity: "critical",
      summary: `${where} runs {{ $value }} jobs, fewer than before`,
      description:
        "A job has failed for good, was cancelled, or has finished. Disable this alert where jobs end by themselves.",
    },
    {
      alert: "FlinkJobRestarting",
      expr: `sum ${by("job_name")} (increase(flink_jobmanager_job_numRestarts${of}[30m])) > 5`,
      for: "0m",
      severity: "warning",
      summary: `${where}: ${job} restarted {{ $value | humanize }} times in half an hour`,
      description: "It makes little progress. The web UI shows the exceptions.",
    },
    {
      alert: "FlinkCheckpointsFailing",
      expr: `sum ${by("job_name")} (increase(flink_jobmanager_job_numberOfFailedCheckpoints${of}[15m])) > 2`,
      for: "0m",
      severity: "warning",
      summary: `${where}: {{ $value | humanize }} checkpoints of ${job} failed in a quarter of an hour`,
      description:
        "After a failure the job goes back to the last complete one. The web UI shows why they fail.",
    },
    {
      alert: "FlinkCheckpointTooOld",
      // Only jobs that make checkpoints, and did so then.
      expr: `sum ${by("job_name")} (increase(flink_jobmanager_job_numberOfCompletedCheckpoints${of}[${age}])) == 0 and sum ${by("job_name")} (flink_jobmanager_job_totalNumberOfCheckpoints${of} offset ${age}) > 0`,
      for: "0m",
      severity: "critical",
      summary: `${where}: no checkpoint of ${job} was completed for ${age}`,
      description: "After a failure the job would repeat all that it did since.",
    },
    {
      alert: "FlinkBackpressure",
      expr: `avg ${by("job_name", "task_name")} (flink_taskmanager_job_task_backPressuredTimeMsPerSecond${of}) > 500`,
      for: "15m",
      severity: "warning",
      summary: `${where}: ${job} cannot keep up`,
      description: "{{ $labels.task_name }} waits more than half of the time for what comes after it.",
    },
    memory(
      "FlinkHeapNearLimit",
      "Heap",
      0.9,
      "warning",
      "What garbage collection cannot free fills the heap, and an OutOfMemoryError is near. Give the role more memory, or its jobs less state on the heap.",
    ),
    memory(
      "FlinkMetaspaceNearLimit",
      "Metaspace",
      0.9,
      "warning",
      "Classes of ended jobs may still be held. A restart helps for now; raise the role's jvm-metaspace.size if the classes are all needed.",
    ),
  ];
}

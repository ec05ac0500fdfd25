import { clusterLabel, namespaceLabel } from "./metrics";

/** A line or number in a panel. */
interface Query {
  expr: string;
  legend: string;
}

interface Panel {
  title: string;
  description: string;
  unit: string;
  queries: Query[];
  /** Single numbers instead of lines over time. */
  stat?: boolean;
}

/** Names that Grafana defines. */
const datasource = { type: "prometheus", uid: "${datasource}" };

const of = `{${namespaceLabel}="$namespace", ${clusterLabel}="$cluster"}`;
const ofJob = `{${namespaceLabel}="$namespace", ${clusterLabel}="$cluster", job_name=~"$job"}`;

/** Source metrics that only some connectors have, such as Kafka's. */
export const connectorMetrics = ["flink_taskmanager_job_task_operator_pendingRecords"];

const rows: { title: string; panels: Panel[] }[] = [
  {
    title: "Cluster",
    panels: [
      stat(
        "TaskManagers",
        "That are registered with the JobManager.",
        `sum(flink_jobmanager_numRegisteredTaskManagers${of})`,
      ),
      stat(
        "Running jobs",
        "That have not ended; restarting ones too.",
        `sum(flink_jobmanager_numRunningJobs${of})`,
      ),
      stat("Free slots", "Of all TaskManagers.", `sum(flink_jobmanager_taskSlotsAvailable${of})`),
      stat("Slots", "Of all TaskManagers.", `sum(flink_jobmanager_taskSlotsTotal${of})`),
    ],
  },
  {
    title: "Jobs",
    panels: [
      lines("Running", "1 while the job runs, 0 while it waits or restarts.", "short", [
        { expr: `max by (job_name) (flink_jobmanager_job_runningState${ofJob})`, legend: "{{job_name}}" },
      ]),
      lines("Restarts", "Within five minutes.", "short", [
        {
          expr: `sum by (job_name) (increase(flink_jobmanager_job_numRestarts${ofJob}[5m]))`,
          legend: "{{job_name}}",
        },
      ]),
      lines("Running for", "Since the job last began to run.", "ms", [
        { expr: `max by (job_name) (flink_jobmanager_job_runningTime${ofJob})`, legend: "{{job_name}}" },
      ]),
    ],
  },
  {
    title: "Checkpoints",
    panels: [
      lines("Duration of the last", "From trigger to completion.", "ms", [
        {
          expr: `max by (job_name) (flink_jobmanager_job_lastCheckpointDuration${ofJob})`,
          legend: "{{job_name}}",
        },
      ]),
      lines("Size of the last", "What was written for it, and the whole state.", "bytes", [
        {
          expr: `max by (job_name) (flink_jobmanager_job_lastCheckpointSize${ofJob})`,
          legend: "{{job_name}} written",
        },
        {
          expr: `max by (job_name) (flink_jobmanager_job_lastCheckpointFullSize${ofJob})`,
          legend: "{{job_name}} whole",
        },
      ]),
      lines("Completed and failed", "Within five minutes.", "short", [
        {
          expr: `sum by (job_name) (increase(flink_jobmanager_job_numberOfCompletedCheckpoints${ofJob}[5m]))`,
          legend: "{{job_name}} completed",
        },
        {
          expr: `sum by (job_name) (increase(flink_jobmanager_job_numberOfFailedCheckpoints${ofJob}[5m]))`,
          legend: "{{job_name}} failed",
        },
      ]),
      lines("Alignment", "How long the slowest subtask waits for barriers; backpressure shows here.", "ns", [
        {
          expr: `max by (job_name, task_name) (flink_taskmanager_job_task_checkpointAlignmentTime${ofJob})`,
          legend: "{{task_name}}",
        },
      ]),
    ],
  },
  {
    title: "Throughput",
    panels: [
      lines("Records in", "Of all subtasks of a task.", "cps", [
        {
          expr: `sum by (job_name, task_name) (flink_taskmanager_job_task_numRecordsInPerSecond${ofJob})`,
          legend: "{{task_name}}",
        },
      ]),
      lines("Records out", "Of all subtasks of a task.", "cps", [
        {
          expr: `sum by (job_name, task_name) (flink_taskmanager_job_task_numRecordsOutPerSecond${ofJob})`,
          legend: "{{task_name}}",
        },
      ]),
      lines("Backlog of sources", "Records that wait to be read, of sources that know it.", "short", [
        {
          expr: `sum by (job_name, operator_name) (flink_taskmanager_job_task_operator_pendingRecords${ofJob})`,
          legend: "{{operator_name}}",
        },
      ]),
      lines("Lag of sources", "Between the time of an event and its leaving the source.", "ms", [
        {
          expr: `max by (job_name, operator_name) (flink_taskmanager_job_task_operator_currentEmitEventTimeLag${ofJob})`,
          legend: "{{operator_name}}",
        },
      ]),
    ],
  },
  {
    title: "Load",
    panels: [
      lines(
        "Busy",
        "Of a second, the busiest subtask of each task. At 1000 the task is the bottleneck.",
        "ms",
        [
          {
            expr: `max by (job_name, task_name) (flink_taskmanager_job_task_busyTimeMsPerSecond${ofJob})`,
            legend: "{{task_name}}",
          },
        ],
      ),
      lines("Backpressured", "Of a second, a task waits for what comes after it.", "ms", [
        {
          expr: `max by (job_name, task_name) (flink_taskmanager_job_task_backPressuredTimeMsPerSecond${ofJob})`,
          legend: "{{task_name}}",
        },
      ]),
      lines("Idle", "Of a second, a task waits for input.", "ms", [
        {
          expr: `avg by (job_name, task_name) (flink_taskmanager_job_task_idleTimeMsPerSecond${ofJob})`,
          legend: "{{task_name}}",
        },
      ]),
      lines("Use of output buffers", "Full buffers are the first sign of backpressure.", "percentunit", [
        {
          expr: `max by (job_name, task_name) (flink_taskmanager_job_task_Shuffle_Netty_Output_Buffers_outPoolUsage${ofJob})`,
          legend: "{{task_name}}",
        },
      ]),
    ],
  },
  {
    title: "Processes",
    panels: [
      lines("CPU", "Of the machine, as the JVM sees it.", "percentunit", both("Status_JVM_CPU_Load")),
      lines(
        "Heap",
        "Used, as a part of what may be used.",
        "percentunit",
        both("Status_JVM_Memory_Heap_Used", "Status_JVM_Memory_Heap_Max"),
      ),
      lines(
        "Metaspace",
        "Used, as a part of what may be used.",
        "percentunit",
        both("Status_JVM_Memory_Metaspace_Used", "Status_JVM_Memory_Metaspace_Max"),
      ),
      lines(
        "Garbage collection",
        "Of a second, all collectors.",
        "ms",
        both("Status_JVM_GarbageCollector_All_TimeMsPerSecond"),
      ),
      lines("Managed memory", "Used by RocksDB and batch operators.", "bytes", [
        { expr: `flink_taskmanager_Status_Flink_Memory_Managed_Used${of}`, legend: "{{tm_id}}" },
      ]),
      lines("Network memory", "Used by the exchange between tasks.", "bytes", [
        { expr: `flink_taskmanager_Status_Shuffle_Netty_UsedMemory${of}`, legend: "{{tm_id}}" },
      ]),
    ],
  },
];

function stat(title: string, description: string, expr: string): Panel {
  return { title, description, unit: "short", queries: [{ expr, legend: title }], stat: true };
}

function lines(title: string, description: string, unit: string, queries: Query[]): Panel {
  return { title, description, unit, queries };
}

/** A metric of the processes of both roles, or its share of another metric. */
function both(metric: string, whole?: string): Query[] {
  return [
    ["jobmanager", "JobManager {{host}}"],
    ["taskmanager", "{{tm_id}}"],
  ].map(([role, legend]) => {
    const series = (name: string) => `flink_${role}_${name}${of}`;
    return { expr: whole ? `${series(metric)} / ${series(whole)}` : series(metric), legend };
  });
}

/** Version of Grafana's dashboard model; Grafana 9 and later read it. */
const schemaVersion = 39;
const gridWidth = 24;

/** A Grafana dashboard that opens with this cluster and can show others. */
export function dashboard(uid: string, namespace: string, cluster: string) {
  const panels: (ReturnType<typeof rowPanel> | ReturnType<typeof render>)[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push(rowPanel(row.title, panels.length + 1, y));
    y += 1;
    const columns = row.panels.length > 4 ? 3 : row.panels.length;
    const w = gridWidth / columns;
    const h = row.panels[0].stat ? 4 : 8;
    row.panels.forEach((panel, index) => {
      const gridPos = { x: (index % columns) * w, y: y + Math.floor(index / columns) * h, w, h };
      panels.push(render(panel, panels.length + 1, gridPos));
    });
    y += Math.ceil(row.panels.length / columns) * h;
  }
  return {
    uid,
    title: `Flink ${namespace}/${cluster}`,
    description: "A Flink cluster: its jobs, their checkpoints, throughput and load, and the processes.",
    tags: ["flink"],
    schemaVersion,
    editable: true,
    graphTooltip: 1,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    timezone: "browser",
    templating: {
      list: [
        {
          name: "datasource",
          label: "Data source",
          type: "datasource" as const,
          query: "prometheus",
          hide: 0,
          refresh: 1,
        },
        choice(
          "namespace",
          "Namespace",
          `label_values(flink_jobmanager_taskSlotsTotal, ${namespaceLabel})`,
          namespace,
        ),
        choice(
          "cluster",
          "Cluster",
          `label_values(flink_jobmanager_taskSlotsTotal{${namespaceLabel}="$namespace"}, ${clusterLabel})`,
          cluster,
        ),
        {
          ...choice("job", "Job", `label_values(flink_jobmanager_job_runningState${of}, job_name)`, "$__all"),
          current: { text: "All", value: "$__all" },
          includeAll: true,
          multi: true,
        },
      ],
    },
    annotations: { list: [] },
    links: [],
    panels,
  };
}

function rowPanel(title: string, id: number, y: number) {
  const gridPos = { x: 0, y, w: gridWidth, h: 1 };
  return { id, type: "row" as const, title, collapsed: false, gridPos, panels: [] };
}

function render(panel: Panel, id: number, gridPos: { x: number; y: number; w: number; h: number }) {
  return {
    id,
    type: panel.stat ? "stat" : "timeseries",
    title: panel.title,
    description: panel.description,
    datasource,
    gridPos,
    fieldConfig: { defaults: { unit: panel.unit, min: 0 }, overrides: [] },
    options: panel.stat
      ? {
          colorMode: "none",
          graphMode: "area",
          reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
        }
      : {
          legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] },
          tooltip: { mode: "multi", sort: "desc" },
        },
    targets: panel.queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      datasource,
      expr,
      legendFormat: legend,
      range: true,
    })),
  };
}

/** A variable with values from Prometheus. */
function choice(name: string, label: string, query: string, value: string) {
  return {
    name,
    label,
    type: "query" as const,
    datasource,
    query: { query, refId: `Variable-${name}` },
    definition: query,
    current: { text: value, value },
    hide: 0,
    includeAll: false,
    multi: false,
    refresh: 2,
    sort: 1,
  };
}

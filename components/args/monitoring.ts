import type { ShapeOf } from "./shape";

/** Format of the logs that a cluster's processes print. */
export const LogFormat = {
  /** Plain text, in Flink's own layout. */
  Text: "text",
  /** One JSON object per line, with the field names of the Elastic Common Schema. Flink 2.1 or later. */
  Json: "json",
} as const;
export type LogFormat = (typeof LogFormat)[keyof typeof LogFormat];

/** Lowest severity that a logger prints. */
export const LogLevel = {
  Off: "OFF",
  Fatal: "FATAL",
  Error: "ERROR",
  Warn: "WARN",
  Info: "INFO",
  Debug: "DEBUG",
  Trace: "TRACE",
  All: "ALL",
} as const;
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

/** Transport to an OpenTelemetry collector. */
export const OpenTelemetryProtocol = {
  /** OTLP over gRPC, usually port 4317. */
  Grpc: "grpc",
  /** OTLP over HTTP, usually port 4318. Flink 2.2 or later. */
  Http: "http",
} as const;
export type OpenTelemetryProtocol = (typeof OpenTelemetryProtocol)[keyof typeof OpenTelemetryProtocol];

/** Metrics, traces, events, alerts, a dashboard, and the log format. */
export interface MonitoringArgs {
  /**
   * Every process serves metrics for Prometheus: port 9249 of each pod, named `metrics`, path `/metrics`,
   * without login. An empty object is enough. Every series has the labels `flink_cluster` and
   * `flink_namespace`. `network.prometheus` says who may read the metrics. Default: no reporter. A change
   * restarts the cluster.
   */
  prometheus?: PrometheusReporterArgs;

  /**
   * Every process sends metrics, traces and events to an OpenTelemetry collector. Flink 2 only. Default:
   * nothing is sent.
   */
  openTelemetry?: OpenTelemetryArgs;

  /**
   * A PodMonitor (`monitoring.coreos.com/v1`), which tells the Prometheus operator what to scrape. An empty
   * object is enough. Needs the operator's CRDs and `prometheus`. Default: none. A change restarts no pod.
   */
  podMonitor?: PodMonitorArgs;

  /**
   * A PrometheusRule (`monitoring.coreos.com/v1`) with alerts that justify waking somebody. An empty object
   * is enough. Needs the Prometheus operator's CRDs and `prometheus`. Default: none. A change restarts no
   * pod.
   */
  alerts?: AlertArgs;

  /**
   * A Grafana dashboard of this cluster, in a ConfigMap that Grafana's sidecar finds by its label. An empty
   * object is enough. Needs `prometheus`. Default: none. A change restarts no pod.
   */
  dashboard?: DashboardArgs;

  /**
   * Format of the containers' output: `text`, or `json` with Flink 2.1 or later. Earlier versions need the
   * jar log4j-layout-template-json for `json`, in /opt/flink/lib or as `extraJars` of every role. The log
   * file in the web UI stays text, and so does anything that a job itself prints. Default: text. A change
   * restarts the cluster.
   */
  logs?: LogFormat;

  /**
   * Level of all loggers that `logLevels` does not name (Flink's `env.log.level`): OFF, FATAL, ERROR, WARN,
   * INFO, DEBUG, TRACE or ALL. Default: INFO. A change restarts the cluster.
   */
  logLevel?: LogLevel;

  /**
   * Levels of single loggers, by the prefix of their names:
   * `{ "org.apache.flink.runtime.checkpoint": "DEBUG" }`. Default: INFO for Pekko, Kafka, Hadoop and
   * ZooKeeper, whatever `logLevel` says. A change restarts the cluster.
   */
  logLevels?: { [logger: string]: LogLevel };

  /**
   * The whole log4j 2 configuration, in properties format (`rootLogger.level = INFO`, …), instead of the
   * component's. `${sys:log.file}` is the file that the web UI shows, `${env:ROOT_LOG_LEVEL}` is `logLevel`.
   * Jars of further appenders and layouts must be in /opt/flink/lib, or in `extraJars` of every role. Cannot
   * be combined with `logs` and `logLevels`. It is stored in a ConfigMap. Default: built from `logs` and
   * `logLevels`. A change restarts the cluster.
   */
  log4j?: string;

  /**
   * The whole Logback configuration (an XML document), for images that use Logback instead of log4j. It is
   * stored in a ConfigMap. Default: none. A change restarts the cluster.
   */
  logback?: string;
}

/** What Flink's Prometheus reporter exports. Fewer metrics and fewer labels cost Prometheus less. */
export interface PrometheusReporterArgs {
  /**
   * Labels to leave out, by Flink's variable names: `task_attempt_id`, `task_attempt_num`, `operator_id`,
   * `subtask_index` and so on (`metrics.reporter.prom.scope.variables.excludes`). If series then have
   * identical labels, only the last one remains. Default: none.
   */
  excludedLabels?: string[];

  /**
   * Labels to add to every series (`metrics.reporter.prom.scope.variables.additional`). Default: only those
   * of the cluster.
   */
  labels?: { [label: string]: string };

  /**
   * Metrics to leave out, each as `scope:name` with `*` as a wildcard, such as `*.operator:*`
   * (`metrics.reporter.prom.filter.excludes`). Default: none.
   */
  excludedMetrics?: string[];
}

/** Where telemetry is sent, and which signals. */
export interface OpenTelemetryArgs {
  /**
   * URL of the collector: `http://collector.observability.svc:4317`. With protocol `http`, the paths
   * `/v1/metrics`, `/v1/traces` and `/v1/logs` are appended. If `network.egress` is given, it must allow this
   * destination.
   */
  endpoint: string;

  /** `grpc`, or `http` (Flink 2.2 or later). Default: grpc. */
  protocol?: OpenTelemetryProtocol;

  /**
   * Name of this cluster in the collector (`service.name`). Flink's events do not carry it yet. Default: the
   * cluster's name.
   */
  serviceName?: string;

  /** Time between two exports of metrics, a Flink duration such as `30 s`. Default: 10 s. */
  interval?: string;

  /** Whether metrics are sent. Default: true. */
  metrics?: boolean;

  /** Whether traces of checkpoints and job starts are sent. Default: true. */
  traces?: boolean;

  /**
   * Whether events are sent as log records: checkpoints, job status changes, failures. Needs Flink 2.1.
   * Default: true from that version on.
   */
  events?: boolean;
}

/** How the Prometheus operator finds the PodMonitor, and how it scrapes the pods. */
export interface PodMonitorArgs {
  /**
   * Labels of the PodMonitor, by which a Prometheus selects it, such as `{ release: "prometheus" }`. Default:
   * only the cluster's own.
   */
  labels?: { [label: string]: string };

  /** Time between two scrapes, such as `30s`. Default: the global setting of that Prometheus. */
  interval?: string;
}

/** Which alerts exist, and when they fire. */
export interface AlertArgs {
  /**
   * Labels of the PrometheusRule, by which a Prometheus selects it, such as `{ release: "prometheus" }`.
   * Default: only the cluster's own.
   */
  labels?: { [label: string]: string };

  /**
   * Labels on every alert in addition to `severity`, for routing, such as `{ team: "orders" }`. Default:
   * none.
   */
  alertLabels?: { [label: string]: string };

  /** Names of alerts to leave out, such as `["FlinkJobGone"]` if jobs end by themselves. Default: none. */
  disabled?: string[];

  /**
   * Maximum age of a job's last complete checkpoint, in Prometheus' notation (`90s`, `30m`, `2h`). Default:
   * 30m.
   */
  maximumCheckpointAge?: string;
}

/** How Grafana's sidecar finds the dashboard. */
export interface DashboardArgs {
  /**
   * Labels of the ConfigMap. Default: `grafana_dashboard: "1"`, which the sidecar of Grafana's chart looks
   * for.
   */
  labels?: { [label: string]: string };

  /** Annotations of the ConfigMap, such as `{ grafana_folder: "Flink" }`. Default: none. */
  annotations?: { [annotation: string]: string };
}

const prometheusReporterShape: ShapeOf<PrometheusReporterArgs> = {
  excludedLabels: "textList",
  labels: "textMap",
  excludedMetrics: "textList",
};

const openTelemetryShape: ShapeOf<OpenTelemetryArgs> = {
  endpoint: "text",
  protocol: "text",
  serviceName: "text",
  interval: "text",
  metrics: "boolean",
  traces: "boolean",
  events: "boolean",
};

const podMonitorShape: ShapeOf<PodMonitorArgs> = { labels: "textMap", interval: "text" };

const alertShape: ShapeOf<AlertArgs> = {
  labels: "textMap",
  alertLabels: "textMap",
  disabled: "textList",
  maximumCheckpointAge: "text",
};

const dashboardShape: ShapeOf<DashboardArgs> = { labels: "textMap", annotations: "textMap" };

export const monitoringShape: ShapeOf<MonitoringArgs> = {
  prometheus: { object: prometheusReporterShape },
  openTelemetry: { object: openTelemetryShape },
  podMonitor: { object: podMonitorShape },
  alerts: { object: alertShape },
  dashboard: { object: dashboardShape },
  logs: "text",
  logLevel: "text",
  logLevels: "textMap",
  log4j: { hidden: "text" },
  logback: { hidden: "text" },
};

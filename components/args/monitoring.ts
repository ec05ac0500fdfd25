import type { ShapeOf } from "./shape";

/** In what form a cluster's processes print their log. */
export const LogFormat = {
  /** Lines for people, in Flink's own layout. */
  Text: "text",
  /** One JSON object a line, with the field names of the Elastic Common Schema. Flink 2.1 or later. */
  Json: "json",
} as const;
export type LogFormat = (typeof LogFormat)[keyof typeof LogFormat];

/** From which severity on a logger says something. */
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

/** How telemetry travels to an OpenTelemetry collector. */
export const OpenTelemetryProtocol = {
  /** OTLP over gRPC, usually port 4317. */
  Grpc: "grpc",
  /** OTLP over HTTP, usually port 4318. Flink 2.2 or later. */
  Http: "http",
} as const;
export type OpenTelemetryProtocol = (typeof OpenTelemetryProtocol)[keyof typeof OpenTelemetryProtocol];

/** Metrics, traces, events, alerts, a dashboard, and the form of the logs. */
export interface MonitoringArgs {
  /**
   * Every process offers its metrics to Prometheus: port 9249 of each pod, named `metrics`, path `/metrics`, without login; an empty object is
   * enough. Every series carries the labels `flink_cluster` and `flink_namespace`. Who may read it is said in
   * `network.prometheus`. Default: no reporter. Changing it restarts the cluster.
   */
  prometheus?: PrometheusReporterArgs;

  /** Every process sends metrics, traces and events to an OpenTelemetry collector. Flink 2 only. Default: nothing is sent. */
  openTelemetry?: OpenTelemetryArgs;

  /**
   * A PodMonitor (`monitoring.coreos.com/v1`), from which the Prometheus operator learns what to read; an empty object is enough. Needs the
   * operator's CRDs and `prometheus`. Default: none. Changing it touches no pod.
   */
  podMonitor?: PodMonitorArgs;

  /**
   * A PrometheusRule (`monitoring.coreos.com/v1`) with alerts that are worth waking somebody for; an empty object is enough. Needs the Prometheus operator's CRDs and
   * `prometheus`. Default: none. Changing it touches no pod.
   */
  alerts?: AlertArgs;

  /**
   * A Grafana dashboard of this cluster, in a ConfigMap that Grafana's sidecar finds by its label; an empty object is enough. Needs
   * `prometheus`. Default: none. Changing it touches no pod.
   */
  dashboard?: DashboardArgs;

  /**
   * What the containers print: `text`, or `json` (Flink 2.1 or later; before that with the jar log4j-layout-template-json, in
   * /opt/flink/lib or as `extraJars` of every role). The log file that the web UI shows stays text, and so does what a job itself prints. Default: text. Changing it restarts the cluster.
   */
  logs?: LogFormat;

  /**
   * Level of everything that `logLevels` does not name (Flink's `env.log.level`): OFF, FATAL, ERROR, WARN, INFO, DEBUG, TRACE or ALL. Default: INFO.
   * Changing it restarts the cluster.
   */
  logLevel?: LogLevel;

  /**
   * Levels of single loggers, by the beginning of their names: `{ "org.apache.flink.runtime.checkpoint": "DEBUG" }`. Default: INFO for Pekko, Kafka,
   * Hadoop and ZooKeeper, whatever `logLevel` says. Changing it restarts the cluster.
   */
  logLevels?: { [logger: string]: LogLevel };

  /**
   * The whole configuration of the log, in place of the component's: log4j 2, in the form of properties (`rootLogger.level = INFO`, …). `${sys:log.file}` is the file that the web UI
   * shows, `${env:ROOT_LOG_LEVEL}` is `logLevel`. Jars of further appenders and layouts must be in /opt/flink/lib, or `extraJars` of every role. Not together with `logs` and `logLevels`. It
   * stands in a ConfigMap. Default: what `logs` and `logLevels` say. Changing it restarts the cluster.
   */
  log4j?: string;

  /**
   * The whole configuration of the log for images that log by Logback in place of log4j (an XML document). It stands in a ConfigMap. Default: none. Changing it restarts the cluster.
   */
  logback?: string;
}

/** What Flink's Prometheus reporter offers. Fewer metrics and fewer labels cost Prometheus less. */
export interface PrometheusReporterArgs {
  /**
   * Labels to leave out, by Flink's names of the variables: `task_attempt_id`, `task_attempt_num`, `operator_id`, `subtask_index` and so on
   * (`metrics.reporter.prom.scope.variables.excludes`). Of series that differ in nothing else only the last one stays. Default: none.
   */
  excludedLabels?: string[];

  /** Labels to put on every series (`metrics.reporter.prom.scope.variables.additional`). Default: only those of the cluster. */
  labels?: { [label: string]: string };

  /**
   * Metrics to leave out, each `scope:name` with `*` for anything, such as `*.operator:*` (`metrics.reporter.prom.filter.excludes`). Default: none.
   */
  excludedMetrics?: string[];
}

/** Where telemetry goes, and what is sent. */
export interface OpenTelemetryArgs {
  /**
   * The collector: `http://collector.observability.svc:4317`. With protocol `http` the paths `/v1/metrics`, `/v1/traces` and `/v1/logs` are put
   * behind it. With `network.egress` given, it must admit this.
   */
  endpoint: string;

  /** `grpc`, or `http` (Flink 2.2 or later). Default: grpc. */
  protocol?: OpenTelemetryProtocol;

  /** The collector's name for this cluster (`service.name`). Flink's events do not carry it yet. Default: the cluster's name. */
  serviceName?: string;

  /** How often metrics are sent, a Flink duration such as `30 s`. Default: 10 s. */
  interval?: string;

  /** Whether metrics are sent. Default: true. */
  metrics?: boolean;

  /** Whether traces are sent: of checkpoints and of the start of jobs. Default: true. */
  traces?: boolean;

  /**
   * Whether events are sent, as log records: checkpoints, changes of jobs' status, failures. Needs Flink 2.1. Default: true from that
   * version on.
   */
  events?: boolean;
}

/** How the Prometheus operator finds the PodMonitor, and how it reads the pods. */
export interface PodMonitorArgs {
  /** Labels of the PodMonitor, which a Prometheus selects it by, such as `{ release: "prometheus" }`. Default: only the cluster's own. */
  labels?: { [label: string]: string };

  /** Time from one reading to the next, such as `30s`. Default: what that Prometheus has for all. */
  interval?: string;
}

/** Which alerts there are, and from when on they fire. */
export interface AlertArgs {
  /** Labels of the PrometheusRule, which a Prometheus selects it by, such as `{ release: "prometheus" }`. Default: only the cluster's own. */
  labels?: { [label: string]: string };

  /** Labels on every alert beside `severity`, for routing, such as `{ team: "orders" }`. Default: none. */
  alertLabels?: { [label: string]: string };

  /** Names of alerts to leave out: `["FlinkJobGone"]` where jobs end by themselves. Default: none. */
  disabled?: string[];

  /** How old the last complete checkpoint of a job may get, in Prometheus' grammar (`90s`, `30m`, `2h`). Default: 30m. */
  maximumCheckpointAge?: string;
}

/** How Grafana's sidecar finds the dashboard. */
export interface DashboardArgs {
  /** Labels of the ConfigMap. Default: `grafana_dashboard: "1"`, what the sidecar of Grafana's chart looks for. */
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

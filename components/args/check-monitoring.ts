import { alertNames } from "../flink/alerts";
import type { Logging } from "../flink/logging";
import { clusterLabel, metricsPort, namespaceLabel, neededLabels } from "../flink/metrics";
import { checkValue, withoutUnit } from "../flink/values";
import type { Problem } from "../problems";
import { type Context, type Feature, type Findings, forBoth, type RoleAdditions } from "./additions";
import { checkLabels } from "./check-pods";
import {
  type AlertArgs,
  type DashboardArgs,
  LogFormat,
  LogLevel,
  type MonitoringArgs,
  type OpenTelemetryArgs,
  OpenTelemetryProtocol,
  type PodMonitorArgs,
  type PrometheusReporterArgs,
} from "./monitoring";
import { joinPath } from "./shape";

/** Monitoring of a cluster, after validation. */
export interface MonitoringModel {
  logging: Logging;
  /** Whether the pods have the port `metrics`. */
  prometheus: boolean;
  podMonitor?: PodMonitorArgs;
  alerts?: AlertArgs & { maximumCheckpointAge: string };
  dashboard?: DashboardArgs;
}

/** Additions of `monitoring` to the cluster. */
export function checkMonitoring(context: Context, findings: Findings): Feature<MonitoringModel> {
  const args = context.args.monitoring;
  if (!args) return { additions: forBoth("monitoring", {}) };
  const { problems } = findings;
  const levels = checkLogs(context, args, findings);
  checkOwnLogging(context, args, findings);
  checkReporterFilter(context, args, problems);
  if (args.prometheus) checkPrometheus(context, args, args.prometheus, findings);
  else problems.push(...withoutPrometheus(args));
  if (args.openTelemetry) checkOpenTelemetry(context, args.openTelemetry, problems);
  const alerts = args.alerts && checkAlerts(args.alerts, problems);
  for (const [field, labels] of [
    ["podMonitor.labels", args.podMonitor?.labels],
    ["alerts.labels", args.alerts?.labels],
    ["dashboard.labels", args.dashboard?.labels],
  ] as const) {
    problems.push(...checkLabels(`monitoring.${field}`, labels ?? {}));
  }
  if (args.podMonitor?.interval !== undefined) {
    problems.push(...checkPrometheusDuration("monitoring.podMonitor.interval", args.podMonitor.interval));
  }
  return {
    additions: forBoth("monitoring", {
      options: {
        ...(args.prometheus ? prometheusOptions(context, args.prometheus) : {}),
        ...(args.openTelemetry ? openTelemetryOptions(context, args.openTelemetry) : {}),
        ...(args.logLevel ? { "env.log.level": args.logLevel } : {}),
      },
      ports: args.prometheus ? [{ name: metricsPort.name, containerPort: metricsPort.port }] : [],
    } satisfies RoleAdditions),
    model: {
      logging: {
        json: args.logs === LogFormat.Json,
        levels,
        ...(args.log4j === undefined ? {} : { log4j: args.log4j }),
        ...(args.logback === undefined ? {} : { logback: args.logback }),
      },
      prometheus: args.prometheus !== undefined,
      podMonitor: args.podMonitor,
      alerts,
      dashboard: args.dashboard,
    },
  };
}

function prometheusOptions(context: Context, args: PrometheusReporterArgs): Record<string, string> {
  const { excludedLabels = [], excludedMetrics = [] } = args;
  const reporter = "metrics.reporter.prom";
  return {
    [`${reporter}.factory.class`]: "org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
    [`${reporter}.port`]: String(metricsPort.port),
    // Otherwise Flink replaces every dash of a name with an underscore, and two clusters may get the same
    // name.
    [`${reporter}.filterLabelValueCharacters`]: "false",
    [`${reporter}.scope.variables.additional`]: pairs({ ...args.labels, ...ownLabels(context) }),
    ...(excludedLabels.length > 0
      ? { [`${reporter}.scope.variables.excludes`]: excludedLabels.join(";") }
      : {}),
    ...(excludedMetrics.length > 0 ? { [`${reporter}.filter.excludes`]: excludedMetrics.join(";") } : {}),
    // Whether a job runs, as a number, in addition to its running time.
    "metrics.job.status.enable": "STATE;CURRENT_TIME",
  };
}

/**
 * An HTTP endpoint is the whole URL of one signal. OpenTelemetry has no events, so Flink sends them as log
 * records.
 */
const signals = [
  {
    argument: "metrics",
    family: "metrics",
    factory: "metrics.otel.OpenTelemetryMetric",
    path: "/v1/metrics",
  },
  { argument: "traces", family: "traces", factory: "traces.otel.OpenTelemetryTrace", path: "/v1/traces" },
  { argument: "events", family: "events", factory: "events.otel.OpenTelemetryEvent", path: "/v1/logs" },
] as const;

function openTelemetryOptions(context: Context, args: OpenTelemetryArgs): Record<string, string> {
  const http = args.protocol === OpenTelemetryProtocol.Http;
  const options: Record<string, string> = {};
  for (const { argument, family, factory, path } of signals) {
    const standard = argument !== "events" || context.release.openTelemetryEvents;
    if (!(args[argument] ?? standard)) continue;
    const reporter = `${family}.reporter.otel`;
    Object.assign(options, {
      [`${reporter}.factory.class`]: `org.apache.flink.${factory}ReporterFactory`,
      [`${reporter}.exporter.endpoint`]: http ? `${trimSlash(args.endpoint)}${path}` : args.endpoint,
      [`${reporter}.service.name`]: args.serviceName ?? context.name,
      [`${reporter}.scope.variables.additional`]: pairs(ownLabels(context)),
      ...(context.release.openTelemetryHttp
        ? { [`${reporter}.exporter.protocol`]: http ? "HTTP" : "gRPC" }
        : {}),
      ...(argument === "metrics" && args.interval ? { [`${reporter}.interval`]: args.interval } : {}),
    });
  }
  return options;
}

function ownLabels({ name, namespace }: Context): Record<string, string> {
  return { [clusterLabel]: name, [namespaceLabel]: namespace.name };
}

/** A map in Flink's notation. */
const pairs = (map: Record<string, string>) =>
  Object.entries(map)
    .map(([key, value]) => `${key}:${value}`)
    .join(",");

const trimSlash = (url: string | undefined) => (url ?? "").replace(/\/+$/, "");

function checkLogs(
  { args: { image, jobManager, taskManager, historyServer, sqlGateway }, release }: Context,
  args: MonitoringArgs,
  { problems, warnings }: Findings,
): Record<string, string> {
  checkOneOf("monitoring.logs", args.logs, Object.values(LogFormat), problems);
  const levels = Object.values(LogLevel);
  checkOneOf("monitoring.logLevel", args.logLevel, levels, problems);
  for (const [logger, level] of Object.entries(args.logLevels ?? {})) {
    const path = joinPath("monitoring.logLevels", logger);
    checkOneOf(path, level, levels, problems);
    if (/^[A-Za-z_$][\w$]*(\.[\w$-]+)*$/.test(logger)) continue;
    const reason = "this is not a valid name of a logger: loggers have the names of classes and packages";
    problems.push({
      path,
      reason,
      fix: "write the name as the log shows it, such as org.apache.flink.runtime",
    });
  }
  if (args.logs === LogFormat.Json && !release.jsonLogs) {
    const jar = "log4j-layout-template-json";
    const finding = {
      path: "monitoring.logs",
      value: args.logs,
      reason: `Flink ${release.minor} does not include the jar for JSON logs (${jar}), so it would print no log at all`,
      fix: `use an image with this jar in /opt/flink/lib, in the version of log4j-core there; or name the jar in extraJars of every role; or use Flink 2.1 or later; or leave logs out`,
    };
    const beside = [historyServer, sqlGateway].filter((role) => role !== undefined);
    const roles = [jobManager, taskManager, ...beside];
    const isAdded = roles.every((role) => role?.extraJars?.some((path) => path.includes(`/${jar}`)));
    if (isAdded) return args.logLevels ?? {};
    if (image === undefined) problems.push(finding);
    else
      warnings.push({
        ...finding,
        fix: `make sure that the image has this jar in /opt/flink/lib, in the version of log4j-core there`,
      });
  }
  return args.logLevels ?? {};
}

/** Checks custom log configurations: their format, and that the log stays where people look for it. */
function checkOwnLogging(
  { args: { image } }: Context,
  args: MonitoringArgs,
  { problems, warnings }: Findings,
): void {
  const { log4j, logback } = args;
  for (const field of ["logs", "logLevels"] as const) {
    if (log4j === undefined || args[field] === undefined) continue;
    const reason = "monitoring.log4j is the whole logging configuration, so this has no effect";
    problems.push({
      path: `monitoring.${field}`,
      reason,
      fix: "put it into monitoring.log4j, and leave this out",
    });
  }
  if (log4j !== undefined) {
    const path = "monitoring.log4j";
    const properties =
      "write a log4j 2 properties file, like /opt/flink/conf/log4j-console.properties in the image";
    if (/^\s*(<|\{|Configuration:)/.test(log4j)) {
      const reason = "Flink starts with a log4j properties file, and this is another format";
      problems.push({ path, reason, fix: properties });
    } else if (/^\s*log4j\.(rootLogger|appender|logger)\b/m.test(log4j)) {
      problems.push({
        path,
        reason: "this is the format of log4j 1, but Flink uses log4j 2",
        fix: properties,
      });
    } else if (!/^\s*rootLogger\b/m.test(log4j)) {
      problems.push({ path, reason: "without rootLogger, Flink logs errors only", fix: properties });
    } else {
      if (!/^\s*appender\.[\w-]+\.type\s*=\s*console\s*$/im.test(log4j)) {
        const reason = "no appender writes to the console, so kubectl logs and log collectors show nothing";
        warnings.push({ path, reason, fix: "add an appender of type Console" });
      }
      if (!log4j.includes("${sys:log.file}")) {
        const reason = "no appender writes to ${sys:log.file}, so the web UI shows no log";
        warnings.push({ path, reason, fix: "add an appender of type RollingFile with that fileName" });
      }
    }
  }
  if (logback === undefined) return;
  const path = "monitoring.logback";
  if (!/<configuration[\s>]/.test(logback)) {
    const reason = "this is not a Logback configuration";
    problems.push({ path, reason, fix: "write an XML document with the element configuration" });
  }
  if (image !== undefined) return;
  const reason = "the official images use log4j, so this has no effect";
  problems.push({ path, reason, fix: "use monitoring.log4j, or an image with Logback in /opt/flink/lib" });
}

/**
 * `metrics.reporters` and similar options select the reporters that start. Without them, all reporters start.
 */
function checkReporterFilter({ args: { config } }: Context, args: MonitoringArgs, problems: Problem[]): void {
  const wanted = {
    "metrics.reporters": [...(args.prometheus ? ["prom"] : []), ...(args.openTelemetry ? ["otel"] : [])],
    "traces.reporters": args.openTelemetry ? ["otel"] : [],
    "events.reporters": args.openTelemetry ? ["otel"] : [],
  };
  for (const [option, names] of Object.entries(wanted)) {
    const value = config?.[option];
    if (typeof value !== "string") continue;
    const missing = names.filter((name) => !value.split(/[\s,;[\]]+/).includes(name));
    if (missing.length === 0) continue;
    const reason = `Flink starts only the reporters in this list, and the list lacks ${missing.join(", ")} of the argument monitoring`;
    const fix = `leave the option out, or add ${missing.join(", ")}`;
    problems.push({ path: joinPath("config", option), value, reason, fix });
  }
}

function checkPrometheus(
  { args: { network } }: Context,
  monitoring: MonitoringArgs,
  args: PrometheusReporterArgs,
  { problems, warnings }: Findings,
): void {
  const path = "monitoring.prometheus";
  args.excludedLabels?.forEach((label, index) => {
    const needed = neededLabels.includes(label) && (monitoring.alerts || monitoring.dashboard);
    if (/^[a-z][a-z_]*$/.test(label) && !needed) return;
    problems.push({
      path: `${path}.excludedLabels[${index}]`,
      value: label,
      reason: needed
        ? "the alerts and the dashboard need this label to tell jobs and tasks apart"
        : "this is not a label that Flink sets",
      fix: needed
        ? "keep it, or leave alerts and dashboard out"
        : "write a label such as subtask_index, without brackets",
    });
  });
  for (const [label, value] of Object.entries(args.labels ?? {})) {
    const at = joinPath(`${path}.labels`, label);
    if (label === clusterLabel || label === namespaceLabel) {
      const reason = "the component sets this label to the name of the cluster or its namespace";
      problems.push({ path: at, value, reason, fix: "choose another name" });
    } else if (!/^[a-zA-Z_]\w*$/.test(label) || label.startsWith("__")) {
      const reason = "this is not a valid name of a Prometheus label";
      problems.push({ path: at, value, reason, fix: "use letters, digits and underscores" });
    } else if (value === "" || /[,:;'"\n]/.test(value)) {
      const reason = "Flink reads all labels from one text, where commas, colons and quotes are separators";
      problems.push({ path: at, value, reason, fix: "write a text without these characters" });
    }
  }
  args.excludedMetrics?.forEach((filter, index) => {
    if (/^[^\s:;]+(:[^\s:;]+){0,2}$/.test(filter)) return;
    const reason = "Flink expects a scope, a colon and the name of a metric, each with * as a wildcard";
    const fix = 'write for example "*.operator:*" or "*:numBytesIn*"';
    problems.push({ path: `${path}.excludedMetrics[${index}]`, value: filter, reason, fix });
  });
  const port = network?.prometheus?.port;
  if (port !== undefined && port !== metricsPort.port) {
    const reason = `monitoring.prometheus offers the metrics on port ${metricsPort.port}, but the NetworkPolicies would open this port instead`;
    problems.push({ path: "network.prometheus.port", value: port, reason, fix: "leave the port out" });
  }
  if (network?.policies !== false && network?.prometheus === undefined) {
    const reason = "the NetworkPolicies allow nobody to read the metrics";
    const fix =
      "write in network.prometheus where Prometheus runs, for example { namespaceLabels: { 'kubernetes.io/metadata.name': 'monitoring' } }";
    warnings.push({ path, reason, fix });
  }
}

/** Consumers of metrics need the Prometheus reporter. */
function withoutPrometheus(args: MonitoringArgs): Problem[] {
  return (["podMonitor", "alerts", "dashboard"] as const)
    .filter((field) => args[field] !== undefined)
    .map((field) => ({
      path: `monitoring.${field}`,
      reason: "this needs the metrics that the processes offer to Prometheus, and they offer none",
      fix: "write monitoring.prometheus too (an empty object is enough)",
    }));
}

function checkOpenTelemetry({ release }: Context, args: OpenTelemetryArgs, problems: Problem[]): void {
  const path = "monitoring.openTelemetry";
  if (!release.openTelemetry) {
    const reason = `Flink ${release.minor} has no reporter for OpenTelemetry; Flink 2.0 introduced it`;
    const fix = "use Flink 2, or monitoring.prometheus with a collector that scrapes it";
    problems.push({ path, reason, fix });
    return;
  }
  const endpoint = args.endpoint ?? "";
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || /\/v1\/\w+\/?$/.test(url.pathname)) {
    const reason =
      "this must be the URL of a collector, without credentials, and without /v1/…, which the component adds";
    const fix = "write for example http://collector.observability.svc:4317";
    problems.push({ path: `${path}.endpoint`, value: args.endpoint, reason, fix });
  }
  checkOneOf(`${path}.protocol`, args.protocol, Object.values(OpenTelemetryProtocol), problems);
  if (args.protocol === OpenTelemetryProtocol.Http && !release.openTelemetryHttp) {
    const reason = `the reporters of Flink ${release.minor} use gRPC only; Flink 2.2 introduced HTTP`;
    problems.push({
      path: `${path}.protocol`,
      value: args.protocol,
      reason,
      fix: "write grpc, or use Flink 2.2",
    });
  }
  if (args.events && !release.openTelemetryEvents) {
    const reason = `Flink ${release.minor} does not report events; Flink 2.1 introduced them`;
    problems.push({ path: `${path}.events`, value: true, reason, fix: "leave it out, or use Flink 2.1" });
  }
  const unreadable = args.interval && checkValue("Duration", args.interval, release.isoDurations);
  if (unreadable) {
    const reason = `Flink expects ${unreadable.expected}`;
    problems.push({ path: `${path}.interval`, value: args.interval, reason, fix: unreadable.fix });
  }
  const bare = args.interval && withoutUnit(args.interval);
  if (bare) problems.push({ path: `${path}.interval`, value: args.interval, ...bare });
  if (args.metrics === false && args.traces === false && !(args.events ?? release.openTelemetryEvents)) {
    const reason = "metrics, traces and events are all off, so Flink sends nothing";
    problems.push({
      path,
      reason,
      fix: "enable one of metrics, traces and events, or leave openTelemetry out",
    });
  }
}

function checkAlerts(args: AlertArgs, problems: Problem[]): MonitoringModel["alerts"] {
  const path = "monitoring.alerts";
  args.disabled?.forEach((name, index) => {
    checkOneOf(`${path}.disabled[${index}]`, name, alertNames, problems);
  });
  for (const [label, value] of Object.entries(args.alertLabels ?? {})) {
    if (/^[a-zA-Z_]\w*$/.test(label) && label !== "severity" && label !== "alertname") continue;
    const reason =
      label === "severity" || label === "alertname"
        ? "the component sets this label on every alert"
        : "this is not a valid name of a Prometheus label";
    const fix = "use another name, of letters, digits and underscores";
    problems.push({ path: joinPath(`${path}.alertLabels`, label), value, reason, fix });
  }
  const { maximumCheckpointAge = "30m" } = args;
  problems.push(...checkPrometheusDuration(`${path}.maximumCheckpointAge`, maximumCheckpointAge));
  return { ...args, maximumCheckpointAge };
}

function checkPrometheusDuration(path: string, value: string): Problem[] {
  const pattern = /^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;
  if (pattern.test(value) && /[1-9]/.test(value)) return [];
  const reason = "Prometheus expects whole numbers with units, the largest unit first";
  return [{ path, value, reason, fix: "write for example 30s, 5m or 1h30m" }];
}

function checkOneOf(
  path: string,
  value: string | undefined,
  known: readonly string[],
  problems: Problem[],
): void {
  if (value === undefined || known.includes(value)) return;
  const meant = known.find((each) => each.toLowerCase() === value.toLowerCase());
  const fix = meant ? `write ${meant}` : `use one of: ${known.join(", ")}`;
  problems.push({ path, value, reason: "this is not one of the choices", fix });
}

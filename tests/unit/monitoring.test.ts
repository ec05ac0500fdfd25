import assert from "node:assert/strict";
import { parse } from "yaml";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import { LogFormat, LogLevel, type MonitoringArgs } from "../../components/args/monitoring";
import { normaliseCluster } from "../../components/args/normalise";
import { roleConfigMap } from "../../components/kubernetes/configuration";
import { historyServerConfigMap } from "../../components/kubernetes/history-server";
import { sqlGatewayConfigMap } from "../../components/kubernetes/sql-gateway";
import { deploymentsOf, modelOf, storage } from "./kubernetes/arguments";

const prometheusRuns = { prometheus: { namespaceLabels: { "kubernetes.io/metadata.name": "monitoring" } } };

function check(monitoring: unknown, more: Partial<FlinkClusterArgs> = {}) {
  const args = { flinkVersion: "2.2.1", network: prometheusRuns, ...more, monitoring } as FlinkClusterArgs;
  return normaliseCluster("orders-a", args);
}

const optionsOf = (monitoring: MonitoringArgs, flinkVersion = "2.2.1") => {
  const { model, problems } = check(monitoring, { flinkVersion });
  assert.ok(model, JSON.stringify(problems));
  return { jobManager: model.jobManager.options, taskManager: model.taskManager.options };
};

describe("monitoring: reporters", () => {
  it("there are none unless asked for", () => {
    const { options } = modelOf().jobManager;
    assert.deepEqual(
      Object.keys(options).filter((option) => option.includes(".reporter")),
      [],
    );
  });

  for (const flinkVersion of ["1.20.4", "2.0.2", "2.2.1", "2.3.0"]) {
    it(`Prometheus reads both roles of ${flinkVersion} on the pinned port, which has a name`, () => {
      const { jobManager, taskManager } = optionsOf({ prometheus: {} }, flinkVersion);
      for (const options of [jobManager, taskManager]) {
        assert.equal(
          options["metrics.reporter.prom.factory.class"],
          "org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
        );
        assert.equal(options["metrics.reporter.prom.port"], "9249");
      }
      const { model } = check({ prometheus: {} }, { flinkVersion });
      for (const { deployment } of deploymentsOf(model!)) {
        const { ports } = deployment.spec.template.spec.containers[0];
        const metrics = ports.find(({ name }) => name === "metrics");
        assert.deepEqual(metrics, { name: "metrics", containerPort: 9249, protocol: "TCP" });
      }
    });
  }

  it("every series says which cluster it is of, in the cluster's own letters", () => {
    const { jobManager } = optionsOf({ prometheus: { labels: { team: "orders" } } });
    assert.equal(
      jobManager["metrics.reporter.prom.scope.variables.additional"],
      "team:orders,flink_cluster:orders-a,flink_namespace:orders-a",
    );
    assert.equal(jobManager["metrics.reporter.prom.filterLabelValueCharacters"], "false");
    // The reporters of 1.20 lose what YAML reads as a boolean or a number.
    const { model } = check({ prometheus: {} }, { flinkVersion: "1.20.4" });
    const { data } = roleConfigMap(model!, "jobmanager");
    const config = parse(data["config.yaml"]) as Record<string, unknown>;
    assert.equal(config["metrics.reporter.prom.filterLabelValueCharacters"], "false");
    assert.equal(config["metrics.reporter.prom.port"], "9249");
  });

  it("labels and metrics can be left out", () => {
    const { taskManager } = optionsOf({
      prometheus: {
        excludedLabels: ["task_attempt_id", "subtask_index"],
        excludedMetrics: ["*.operator:*", "*:numBytesIn*,numBytesOut*"],
      },
    });
    assert.equal(
      taskManager["metrics.reporter.prom.scope.variables.excludes"],
      "task_attempt_id;subtask_index",
    );
    assert.equal(
      taskManager["metrics.reporter.prom.filter.excludes"],
      "*.operator:*;*:numBytesIn*,numBytesOut*",
    );
  });

  it("OpenTelemetry gets metrics, traces and events over gRPC", () => {
    const { jobManager, taskManager } = optionsOf({
      openTelemetry: { endpoint: "http://otel:4317", interval: "30 s" },
    });
    for (const options of [jobManager, taskManager]) {
      assert.equal(
        options["metrics.reporter.otel.factory.class"],
        "org.apache.flink.metrics.otel.OpenTelemetryMetricReporterFactory",
      );
      assert.equal(
        options["traces.reporter.otel.factory.class"],
        "org.apache.flink.traces.otel.OpenTelemetryTraceReporterFactory",
      );
      assert.equal(
        options["events.reporter.otel.factory.class"],
        "org.apache.flink.events.otel.OpenTelemetryEventReporterFactory",
      );
      for (const family of ["metrics", "traces", "events"]) {
        assert.equal(options[`${family}.reporter.otel.exporter.endpoint`], "http://otel:4317");
        assert.equal(options[`${family}.reporter.otel.exporter.protocol`], "gRPC");
        assert.equal(options[`${family}.reporter.otel.service.name`], "orders-a");
      }
      assert.equal(options["metrics.reporter.otel.interval"], "30 s");
      assert.equal(options["traces.reporter.otel.interval"], undefined);
    }
  });

  it("OpenTelemetry over HTTP has a path for each kind", () => {
    const { jobManager } = optionsOf({
      openTelemetry: { endpoint: "http://otel:4318/", protocol: "http", serviceName: "flink" },
    });
    assert.equal(jobManager["metrics.reporter.otel.exporter.endpoint"], "http://otel:4318/v1/metrics");
    assert.equal(jobManager["traces.reporter.otel.exporter.endpoint"], "http://otel:4318/v1/traces");
    assert.equal(jobManager["events.reporter.otel.exporter.endpoint"], "http://otel:4318/v1/logs");
    assert.equal(jobManager["events.reporter.otel.exporter.protocol"], "HTTP");
    assert.equal(jobManager["events.reporter.otel.service.name"], "flink");
  });

  it("what a version does not report is not asked of it", () => {
    const { jobManager } = optionsOf({ openTelemetry: { endpoint: "http://otel:4317" } }, "2.0.2");
    assert.ok("traces.reporter.otel.factory.class" in jobManager);
    assert.deepEqual(
      Object.keys(jobManager).filter((option) => /^events\.|exporter\.protocol$/.test(option)),
      [],
    );
  });
});

describe("monitoring: logs", () => {
  const log4j = (monitoring: MonitoringArgs, role: "jobmanager" | "taskmanager" = "jobmanager") => {
    const { model, problems } = check(monitoring);
    assert.ok(model, JSON.stringify(problems));
    const { data } = roleConfigMap(model, role);
    const lines = data["log4j-console.properties"].split("\n").filter((line) => line.includes(" = "));
    return { data, properties: Object.fromEntries(lines.map((line) => line.split(" = "))) };
  };

  it("as JSON go to the console, and stay readable in the file that the web UI shows", () => {
    for (const role of ["jobmanager", "taskmanager"] as const) {
      const { properties } = log4j({ logs: "json" }, role);
      assert.equal(properties["appender.console.layout.type"], "JsonTemplateLayout");
      assert.equal(properties["appender.console.layout.eventTemplateUri"], "classpath:EcsLayout.json");
      assert.equal(properties["appender.file.layout.type"], "PatternLayout");
    }
    assert.equal(log4j({}).properties["appender.console.layout.type"], "PatternLayout");
  });

  it("have the levels that were asked for, over those of noisy libraries", () => {
    const { properties, data } = log4j({
      logLevel: "WARN",
      logLevels: { "org.apache.kafka": "DEBUG", "org.example.Job": "TRACE" },
    });
    const levels = new Map<string, string>();
    for (const [key, name] of Object.entries(properties)) {
      if (!/^logger\.\w+\.name$/.test(key)) continue;
      assert.ok(!levels.has(name as string), `${name as string} has one level`);
      levels.set(name as string, properties[key.replace(/name$/, "level")] as string);
    }
    assert.equal(levels.get("org.apache.kafka"), "DEBUG");
    assert.equal(levels.get("org.example.Job"), "TRACE");
    assert.equal(levels.get("org.apache.hadoop"), "INFO");
    assert.match(data["launch.sh"], /"\$\{ROOT_LOG_LEVEL:=WARN\}"/);
  });
});

describe("monitoring: mistakes", () => {
  const cases: [
    name: string,
    monitoring: unknown,
    path: string,
    says: RegExp,
    more?: Partial<FlinkClusterArgs>,
  ][] = [
    [
      "JSON logs of 1.20",
      { logs: "json" },
      "monitoring.logs",
      /log4j-layout-template-json/,
      { flinkVersion: "1.20.4" },
    ],
    [
      "JSON logs of 2.0",
      { logs: "json" },
      "monitoring.logs",
      /2\.0 does not include/,
      { flinkVersion: "2.0.2" },
    ],
    ["an unknown form of logs", { logs: "JSON" }, "monitoring.logs", /not one of the choices/],
    ["an unknown level", { logLevel: "VERBOSE" }, "monitoring.logLevel", /not one of the choices/],
    [
      "a level in small letters",
      { logLevels: { "a.B": "debug" } },
      'monitoring.logLevels["a.B"]',
      /not one of the choices/,
    ],
    [
      "a logger that is none",
      { logLevels: { "a b": "DEBUG" } },
      'monitoring.logLevels["a b"]',
      /name of a logger/,
    ],
    [
      "OpenTelemetry with 1.20",
      { openTelemetry: { endpoint: "http://otel:4317" } },
      "monitoring.openTelemetry",
      /1\.20 has no reporter for OpenTelemetry/,
      { flinkVersion: "1.20.4" },
    ],
    [
      "OpenTelemetry over HTTP with 2.1",
      { openTelemetry: { endpoint: "http://otel:4318", protocol: "http" } },
      "monitoring.openTelemetry.protocol",
      /use gRPC only/,
      { flinkVersion: "2.1.2" },
    ],
    [
      "events with 2.0",
      { openTelemetry: { endpoint: "http://otel:4317", events: true } },
      "monitoring.openTelemetry.events",
      /Flink 2\.1 introduced them/,
      { flinkVersion: "2.0.2" },
    ],
    ["no endpoint", { openTelemetry: {} }, "monitoring.openTelemetry.endpoint", /URL of a collector/],
    [
      "an endpoint without scheme",
      { openTelemetry: { endpoint: "otel:4317" } },
      "monitoring.openTelemetry.endpoint",
      /URL/,
    ],
    [
      "an endpoint with the path that is added",
      { openTelemetry: { endpoint: "http://otel:4318/v1/metrics", protocol: "http" } },
      "monitoring.openTelemetry.endpoint",
      /without \/v1/,
    ],
    [
      "an interval that Flink cannot read",
      { openTelemetry: { endpoint: "http://otel:4317", interval: "often" } },
      "monitoring.openTelemetry.interval",
      /a duration/,
    ],
    [
      "nothing to send",
      { openTelemetry: { endpoint: "http://otel:4317", metrics: false, traces: false, events: false } },
      "monitoring.openTelemetry",
      /Flink sends nothing/,
    ],
    ["alerts without metrics", { alerts: {} }, "monitoring.alerts", /they offer none/],
    ["a dashboard without metrics", { dashboard: {} }, "monitoring.dashboard", /they offer none/],
    ["a PodMonitor without metrics", { podMonitor: {} }, "monitoring.podMonitor", /they offer none/],
    [
      "an alert that does not exist",
      { prometheus: {}, alerts: { disabled: ["FlinkJobLost"] } },
      "monitoring.alerts.disabled[0]",
      /not one of the choices/,
    ],
    [
      "an age that Prometheus cannot read",
      { prometheus: {}, alerts: { maximumCheckpointAge: "30 min" } },
      "monitoring.alerts.maximumCheckpointAge",
      /whole numbers with units/,
    ],
    [
      "a second severity",
      { prometheus: {}, alerts: { alertLabels: { severity: "page" } } },
      "monitoring.alerts.alertLabels.severity",
      /sets this label on every alert/,
    ],
    [
      "a label that the alerts need",
      { prometheus: { excludedLabels: ["job_name"] }, alerts: {} },
      "monitoring.prometheus.excludedLabels[0]",
      /tell jobs and tasks apart/,
    ],
    [
      "a variable in brackets",
      { prometheus: { excludedLabels: ["<job_id>"] } },
      "monitoring.prometheus.excludedLabels[0]",
      /not a label that Flink sets/,
    ],
    [
      "a label of the cluster's own",
      { prometheus: { labels: { flink_cluster: "x" } } },
      "monitoring.prometheus.labels.flink_cluster",
      /the component sets this label/,
    ],
    [
      "a label's value that Flink would take apart",
      { prometheus: { labels: { team: "a,b:c" } } },
      "monitoring.prometheus.labels.team",
      /commas, colons/,
    ],
    [
      "a filter without a metric",
      { prometheus: { excludedMetrics: ["numBytes In"] } },
      "monitoring.prometheus.excludedMetrics[0]",
      /a scope, a colon/,
    ],
    [
      "a label of Kubernetes that is none",
      { prometheus: {}, podMonitor: { labels: { "-a": "b" } } },
      'monitoring.podMonitor.labels["-a"]',
      /refuses this label/,
    ],
    [
      "another port for Prometheus",
      { prometheus: {} },
      "network.prometheus.port",
      /on port 9249/,
      { network: { prometheus: { port: 9250 } } },
    ],
    [
      "a list of reporters that leaves ours out",
      { prometheus: {} },
      'config["metrics.reporters"]',
      /the list lacks prom of the argument monitoring/,
      { config: { "metrics.reporters": "slf4j" } },
    ],
    [
      "the reporter's options in config too",
      { prometheus: {} },
      'config["metrics.reporter.prom.port"]',
      /the argument monitoring sets this option/,
      { config: { "metrics.reporter.prom.port": "9999" } },
    ],
    ["a misspelt key", { prometheous: {} }, "monitoring.prometheous", /no argument "prometheous"/],
    ["a boolean, as it once was", { prometheus: true }, "monitoring.prometheus", /must be an object/],
  ];
  for (const [name, monitoring, path, says, more] of cases) {
    it(`refuses ${name}`, () => {
      const { problems } = check(monitoring, more);
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
        JSON.stringify(problems),
      );
      assert.match(problems[0].reason, says);
    });
  }

  it("takes JSON logs of 1.20 in an image of one's own, and says what it must have", () => {
    const own = { flinkVersion: "1.20.4", image: "registry.example.com/flink:1" };
    const { model, warnings } = check({ logs: "json" }, own);
    assert.ok(model);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0].fix, /make sure that the image has this jar in \/opt\/flink\/lib/);
  });

  it("takes JSON logs of 1.20 with the jar given to every role", () => {
    const extraJars = ["/jars/log4j-layout-template-json-2.24.3.jar"];
    const problemsOf = (more: Partial<FlinkClusterArgs>) =>
      check({ logs: "json" }, { flinkVersion: "1.20.4", ...more }).problems.map(({ path }) => path);
    assert.deepEqual(problemsOf({ jobManager: { extraJars }, taskManager: { extraJars } }), []);
    assert.deepEqual(problemsOf({ jobManager: { extraJars } }), ["monitoring.logs"]);
  });

  it("warns when the network policies let nobody read the metrics", () => {
    const { model, warnings } = check({ prometheus: {} }, { network: {} });
    assert.ok(model);
    assert.deepEqual(
      warnings.map(({ path, reason }) => [path, reason]),
      [["monitoring.prometheus", "the NetworkPolicies allow nobody to read the metrics"]],
    );
    assert.deepEqual(check({ prometheus: {} }).warnings, []);
    assert.deepEqual(check({ prometheus: {} }, { network: { policies: false } }).warnings, []);
  });

  it("a list of reporters that names ours is taken", () => {
    const { model } = check({ prometheus: {} }, { config: { "metrics.reporters": "slf4j,prom" } });
    assert.ok(model);
  });
});

describe("a configuration of the log of one's own", () => {
  const log4j = [
    "rootLogger.level = ${env:ROOT_LOG_LEVEL:-INFO}",
    "rootLogger.appenderRef.console.ref = Console",
    "rootLogger.appenderRef.file.ref = File",
    "appender.console.name = Console",
    "appender.console.type = Console",
    "appender.file.name = File",
    "appender.file.type = RollingFile",
    "appender.file.fileName = ${sys:log.file}",
  ].join("\n");
  const said = (monitoring: MonitoringArgs, image?: string) => {
    const { problems, warnings } = normaliseCluster("orders", { flinkVersion: "2.2.1", image, monitoring });
    return [...problems, ...warnings].map(({ path, reason }) => `${path}: ${reason}`).join("\n");
  };

  it("takes the place of the component's in every process, and a change of it rolls them", () => {
    const files = (monitoring?: MonitoringArgs) => {
      const model = modelOf({ monitoring, storage, historyServer: {}, sqlGateway: {} });
      return [
        roleConfigMap(model, "jobmanager"),
        roleConfigMap(model, "taskmanager"),
        historyServerConfigMap(model, model.historyServer!),
        sqlGatewayConfigMap(model, model.sqlGateway!),
      ];
    };
    const names = files().map(({ metadata }) => metadata.name);
    files({ log4j }).forEach(({ data, metadata }, index) => {
      assert.equal((data as Record<string, string>)["log4j-console.properties"], log4j);
      assert.notEqual(metadata.name, names[index]);
    });
    assert.equal(said({ log4j }), "");
  });

  it("by Logback lies where the launcher names it, for images that have it", () => {
    const logback = "<configuration><root level='INFO'/></configuration>";
    const model = modelOf({ image: "registry.example.com/flink:1", monitoring: { logback } });
    const data = roleConfigMap(model, "taskmanager").data as Record<string, string>;
    assert.equal(data["logback-console.xml"], logback);
    assert.match(
      data["launch.sh"]!,
      /-Dlogback\.configurationFile="file:\$FLINK_CONF_DIR\/logback-console\.xml"/,
    );
    assert.match(data["launch.sh"]!, /cp \S+ \S+ "\$here"\/\*\.\* "\$FLINK_CONF_DIR"/);
    assert.match(said({ logback }), /official images use log4j/);
    assert.match(said({ logback: "rootLogger.level = INFO" }, "mine:1"), /not a Logback configuration/);
  });

  for (const [what, monitoring, says] of [
    [
      "in XML",
      { log4j: "<Configuration/>" },
      /^monitoring\.log4j: Flink starts with a log4j properties file/,
    ],
    [
      "of log4j 1",
      { log4j: "log4j.rootLogger=INFO, A" },
      /^monitoring\.log4j: this is the format of log4j 1/,
    ],
    ["without a root", { log4j: "logger.a.name = b" }, /without rootLogger/],
    ["without a console", { log4j: log4j.replace("type = Console", "type = Socket") }, /kubectl logs/],
    [
      "without the web UI's file",
      { log4j: log4j.replace("${sys:log.file}", "/tmp/x") },
      /the web UI shows no log/,
    ],
    [
      "beside levels",
      { log4j, logLevels: { a: LogLevel.Debug } },
      /^monitoring\.logLevels: .* so this has no effect/,
    ],
    ["beside a form", { log4j, logs: LogFormat.Json }, /^monitoring\.logs: .* so this has no effect/],
  ] as const) {
    it(what, () => assert.match(said(monitoring), says));
  }
});

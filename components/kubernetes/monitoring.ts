import type { MonitoringModel } from "../args/check-monitoring";
import type { ClusterModel } from "../args/model";
import { alerts } from "../flink/alerts";
import { dashboard } from "../flink/dashboard";
import { clusterLabel, metricsPort, namespaceLabel } from "../flink/metrics";
import { contentHash, objectLabels, objectName } from "../names";

/** Tells the Prometheus operator to scrape the pods of both roles. */
export function podMonitor(model: ClusterModel, args: NonNullable<MonitoringModel["podMonitor"]>) {
  const { interval } = args;
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: metadata(model, args.labels),
    spec: {
      selector: {
        matchLabels: { "app.kubernetes.io/name": "flink", "app.kubernetes.io/instance": model.name },
        matchExpressions: [
          { key: "app.kubernetes.io/component", operator: "In", values: ["jobmanager", "taskmanager"] },
        ],
      },
      podMetricsEndpoints: [{ port: metricsPort.name, path: "/metrics", ...(interval ? { interval } : {}) }],
    },
  };
}

/** The alerts. Each has the labels of the cluster, even if its expression drops them. */
export function prometheusRule(model: ClusterModel, args: NonNullable<MonitoringModel["alerts"]>) {
  const all = alerts({
    namespace: model.namespace.name,
    cluster: model.name,
    taskManagers: fewestTaskManagers(model),
    highAvailability: model.highAvailability !== undefined,
    maximumCheckpointAge: args.maximumCheckpointAge,
  });
  const labels = { ...args.alertLabels, [namespaceLabel]: model.namespace.name, [clusterLabel]: model.name };
  // The pods are removed on purpose.
  const wanted = model.application?.ttl ? ["FlinkJobManagerMissing"] : [];
  const rules = all
    .filter(({ alert }) => ![...wanted, ...(args.disabled ?? [])].includes(alert))
    .map(({ alert, expr, for: duration, severity, summary, description }) => ({
      alert,
      expr,
      for: duration,
      labels: { severity, ...labels },
      annotations: { summary, description },
    }));
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: metadata(model, args.labels),
    spec: { groups: [{ name: `flink-${model.namespace.name}-${model.name}`, rules }] },
  };
}

/** If the program sets no number, at least one is needed by every job. */
function fewestTaskManagers({ scaling }: ClusterModel): number {
  if (!("replicas" in scaling)) return scaling.minReplicas;
  return scaling.given ? scaling.replicas : 1;
}

/** The ConfigMap with the dashboard for Grafana's sidecar. */
export function dashboardConfigMap(model: ClusterModel, args: NonNullable<MonitoringModel["dashboard"]>) {
  const { name, namespace } = model;
  const content = dashboard(`flink-${contentHash([namespace.name, name])}`, namespace.name, name);
  return {
    metadata: {
      name: objectName(name, "dashboard"),
      namespace: namespace.name,
      labels: { ...(args.labels ?? { grafana_dashboard: "1" }), ...objectLabels(name) },
      ...(args.annotations ? { annotations: args.annotations } : {}),
    },
    // The sidecar puts the files of all ConfigMaps into one folder.
    data: { [`flink-${namespace.name}-${name}.json`]: JSON.stringify(content) },
  };
}

function metadata(model: ClusterModel, labels: Record<string, string> = {}) {
  return {
    name: model.name,
    namespace: model.namespace.name,
    labels: { ...labels, ...objectLabels(model.name) },
  };
}

import type { ClusterModel } from "../args/model";
import type { HistoryServerModel } from "../args/check-history-server";
import { renderConfig } from "../flink/configuration";
import { renderLauncher } from "../flink/launcher";
import { renderLog4j } from "../flink/logging";
import { contentHash, objectLabels, objectName, ports, selectorLabels } from "../names";
import { flinkPodTemplate, httpProbe, tcpProbe } from "./flink-pod";

/** What of the JobManager's options says nothing to a History Server, and should not restart it. */
const foreign =
  /^(jobmanager|taskmanager|resourcemanager|slotmanager|rest|blob|metrics|traces|events|high-availability|restart-strategy|execution|state|web|queryable-state|security\.ssl)\./;

/** Its configuration; as with the other roles, a change makes a new ConfigMap and rolls the pod. */
export function historyServerConfigMap(model: ClusterModel, role: HistoryServerModel) {
  const shared = Object.entries(model.jobManager.options).filter(([option]) => !foreign.test(option));
  const options = {
    ...Object.fromEntries(shared),
    "historyserver.web.address": "0.0.0.0",
    "historyserver.web.port": String(ports.historyServer),
    ...role.options,
  };
  const data = {
    "config.yaml": renderConfig(options),
    "log4j-console.properties": renderLog4j(model.monitoring?.logging),
    "launch.sh": renderLauncher(
      "historyserver",
      model.release,
      role.memory,
      options,
      role.pod.extraJars,
      model.storage?.plugins ?? [],
    ),
  };
  return {
    metadata: {
      ...metadata(model),
      name: objectName(model.name, "historyserver", "conf", contentHash(data)),
    },
    immutable: true,
    data,
  };
}

export function historyServerTemplate(model: ClusterModel, role: HistoryServerModel, configMap: string) {
  return flinkPodTemplate(model, {
    component: "historyserver",
    role,
    configMap,
    ports: [{ name: "history", containerPort: ports.historyServer }],
    startupProbe: httpProbe("/config", "history", 1, 300),
    livenessProbe: tcpProbe("history", 15, 4),
    readinessProbe: httpProbe("/config", "history", 5, 3),
  });
}

/** One is enough: it serves what it finds in the archive, and begins again from there. */
export function historyServerDeployment<Template>(model: ClusterModel, template: Template) {
  return {
    metadata: metadata(model),
    spec: {
      replicas: 1,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      revisionHistoryLimit: 2,
      selector: { matchLabels: selectorLabels(model.name, "historyserver") },
      template,
    },
  };
}

export function historyServerService(model: ClusterModel) {
  return {
    metadata: {
      ...metadata(model),
      name: objectName(model.name, "history"),
      annotations: { "pulumi.com/skipAwait": "true" },
    },
    spec: {
      type: "ClusterIP",
      selector: selectorLabels(model.name, "historyserver"),
      ports: [{ name: "history", port: ports.historyServer, targetPort: "history", protocol: "TCP" }],
    },
  };
}

function metadata(model: ClusterModel) {
  return {
    name: objectName(model.name, "historyserver"),
    namespace: model.namespace.name,
    labels: objectLabels(model.name, "historyserver"),
  };
}

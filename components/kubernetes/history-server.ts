import type { ClusterModel } from "../args/model";
import type { HistoryServerModel } from "../args/check-history-server";
import { ports } from "../names";
import { besideDeployment, besideService } from "./beside";
import { processConfigMap } from "./configuration";
import { flinkPodTemplate, httpProbe, tcpProbe } from "./flink-pod";

/** The JobManager's options that do not concern a History Server and must not restart it. */
const foreign =
  /^(jobmanager|taskmanager|resourcemanager|slotmanager|rest|blob|metrics|traces|events|high-availability|restart-strategy|execution|state|web|queryable-state|security\.ssl)\./;

/** The History Server's configuration. */
export function historyServerConfigMap(model: ClusterModel, role: HistoryServerModel) {
  const shared = Object.entries(model.jobManager.options).filter(([option]) => !foreign.test(option));
  const options = {
    ...Object.fromEntries(shared),
    "historyserver.web.address": "0.0.0.0",
    "historyserver.web.port": String(ports.historyServer),
    ...role.options,
  };
  return processConfigMap(model, "historyserver", { ...role, options });
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

/** It serves the archives, and starts again from them. */
export function historyServerDeployment<Template>(model: ClusterModel, template: Template) {
  return besideDeployment(
    model,
    "historyserver",
    { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template,
  );
}

export function historyServerService(model: ClusterModel) {
  return besideService(model, "historyserver", "history", ports.historyServer);
}

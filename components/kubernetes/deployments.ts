import type { ClusterModel } from "../args/model";
import { objectLabels, objectName, ports, selectorLabels } from "../names";
import { flinkPodTemplate, httpProbe, tcpProbe } from "./flink-pod";
import { jobManagerStrategy, spreadOverNodes } from "./high-availability";

/** Five minutes, in probes of a second: a cold image or a slow disk must not kill a starting JVM. */
const startSeconds = 300;

/** A process that accepts no connection for a minute is restarted; a long garbage collection is no reason. */
const livenessPeriod = 15;
const livenessFailures = 4;

/**
 * Asks the REST API whether it serves. /overview answers 503 until there is a leader, so it tells "ready for jobs" from "port open";
 * where clients need a certificate, which the kubelet has not, the open port must do.
 */
function restProbe({ tls }: ClusterModel, periodSeconds: number, failureThreshold: number) {
  if (tls?.rest?.clientAuthentication) return tcpProbe("rest", periodSeconds, failureThreshold);
  const probe = httpProbe("/overview", "rest", periodSeconds, failureThreshold);
  return tls?.rest ? { ...probe, httpGet: { ...probe.httpGet, scheme: "HTTPS" } } : probe;
}

export function jobManagerTemplate(model: ClusterModel, configMap: string) {
  return flinkPodTemplate(model, {
    component: "jobmanager",
    role: model.jobManager,
    configMap,
    ports: [
      { name: "rpc", containerPort: ports.rpc },
      { name: "blob", containerPort: ports.blob },
      { name: "rest", containerPort: ports.rest },
      { name: "metrics-query", containerPort: ports.metricsQuery },
    ],
    startupProbe: restProbe(model, 1, startSeconds),
    livenessProbe: tcpProbe("rpc", livenessPeriod, livenessFailures),
    readinessProbe: restProbe(model, 5, 3),
    // Whether or not there are standby ones now: their number restarts nothing.
    ...(model.highAvailability
      ? { topologySpreadConstraints: spreadOverNodes(selectorLabels(model.name, "jobmanager")) }
      : {}),
  });
}

export function taskManagerTemplate(model: ClusterModel, configMap: string) {
  return flinkPodTemplate(model, {
    component: "taskmanager",
    role: model.taskManager,
    configMap,
    ports: [
      { name: "rpc", containerPort: ports.taskManagerRpc },
      { name: "data", containerPort: ports.taskManagerData },
      { name: "metrics-query", containerPort: ports.metricsQuery },
    ],
    startupProbe: tcpProbe("rpc", 1, startSeconds),
    livenessProbe: tcpProbe("rpc", livenessPeriod, livenessFailures),
    readinessProbe: tcpProbe("rpc", 5, 3),
  });
}

/** The JobManagers: one, or with high availability also some that stand by. */
export function jobManagerDeployment<Template>(model: ClusterModel, template: Template) {
  return {
    metadata: {
      name: objectName(model.name, "jobmanager"),
      namespace: model.namespace.name,
      labels: objectLabels(model.name, "jobmanager"),
    },
    spec: {
      replicas: model.jobManager.replicas,
      strategy: jobManagerStrategy(model),
      revisionHistoryLimit: 2,
      selector: { matchLabels: selectorLabels(model.name, "jobmanager") },
      template,
    },
  };
}

/**
 * The TaskManagers. While an autoscaler owns the number of replicas the program gives only the first one (the caller
 * ignores changes of it). patchForce: after `kubectl scale`, the program's next change would else be refused as a conflict.
 */
export function taskManagerDeployment<Template>(model: ClusterModel, template: Template) {
  const { scaling } = model;
  return {
    metadata: {
      name: objectName(model.name, "taskmanager"),
      namespace: model.namespace.name,
      labels: objectLabels(model.name, "taskmanager"),
      annotations: { "pulumi.com/patchForce": "true" },
    },
    spec: {
      replicas: "replicas" in scaling ? scaling.replicas : scaling.minReplicas,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      revisionHistoryLimit: 2,
      selector: { matchLabels: selectorLabels(model.name, "taskmanager") },
      template,
    },
  };
}

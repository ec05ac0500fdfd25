import type { ClusterModel } from "../args/model";
import {
  objectLabels,
  objectName,
  ports,
  restartHashAnnotation,
  restSchemeAnnotation,
  selectorLabels,
} from "../names";
import { flinkPodTemplate, httpProbe, tcpProbe } from "./flink-pod";
import { jobManagerStrategy, spreadOverNodes } from "./high-availability";

/** Five minutes, probed every second: a cold image or a slow disk must not kill a starting JVM. */
export const startSeconds = 300;

/** Restarts a process that accepts no connection for a minute; a long garbage collection is shorter. */
export function livenessProbe() {
  return tcpProbe("rpc", 15, 4);
}

/**
 * Probes the REST API: /overview answers 503 until there is a leader. In two cases the open port is enough.
 * With client certificates, the kubelet has none. With high availability, a standby forwards requests; it
 * must become ready even if the leader cannot understand it, or the leader would never be replaced.
 */
function restProbe({ tls, highAvailability }: ClusterModel, periodSeconds: number, failureThreshold: number) {
  if (tls?.rest?.clientAuthentication || highAvailability) {
    return tcpProbe("rest", periodSeconds, failureThreshold);
  }
  const probe = httpProbe("/overview", "rest", periodSeconds, failureThreshold);
  return tls?.rest ? { ...probe, httpGet: { ...probe.httpGet, scheme: "HTTPS" } } : probe;
}

export function jobManagerTemplate(model: ClusterModel, configMap: string) {
  return flinkPodTemplate(model, {
    component: "jobmanager",
    role: model.jobManager,
    configMap,
    hostname: model.jobManager.hostname,
    ports: [
      { name: "rpc", containerPort: ports.rpc },
      { name: "blob", containerPort: ports.blob },
      { name: "rest", containerPort: ports.rest },
      { name: "metrics-query", containerPort: ports.metricsQuery },
    ],
    startupProbe: restProbe(model, 1, startSeconds),
    livenessProbe: livenessProbe(),
    readinessProbe: restProbe(model, 5, 3),
    // Independent of the current number of standbys, since changing the number must restart nothing.
    ...(model.highAvailability
      ? { topologySpreadConstraints: spreadOverNodes(selectorLabels(model.name, "jobmanager")) }
      : {}),
  });
}

/**
 * The JobManagers: one, or with high availability also standbys. The annotations tell the Job that prepares
 * the next restart whether jobs survive it, and how to call the REST API until then.
 */
export function jobManagerDeployment<Template, Text>(
  model: ClusterModel,
  template: Template,
  restartHash: Text,
) {
  return {
    metadata: {
      name: objectName(model.name, "jobmanager"),
      namespace: model.namespace.name,
      labels: objectLabels(model.name, "jobmanager"),
      annotations: {
        [restartHashAnnotation]: restartHash,
        [restSchemeAnnotation]: model.tls?.rest ? "https" : "http",
      },
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

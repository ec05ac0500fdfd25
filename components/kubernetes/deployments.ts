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

/** Five minutes, in probes of a second: a cold image or a slow disk must not kill a starting JVM. */
export const startSeconds = 300;

/** A process that accepts no connection for a minute is restarted; a long garbage collection is no reason. */
export function livenessProbe() {
  return tcpProbe("rpc", 15, 4);
}

/**
 * Asks the REST API whether it serves: /overview answers 503 until there is a leader, so it tells "ready for jobs" from "port open".
 * The open port must do where clients need a certificate, which the kubelet has not; and with high availability: there a new
 * JobManager stands by and passes requests on, and when the leader cannot understand it (other certificates, another version), it would
 * never be ready, and the leader never replaced.
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
    // Whether or not there are standby ones now: their number restarts nothing.
    ...(model.highAvailability
      ? { topologySpreadConstraints: spreadOverNodes(selectorLabels(model.name, "jobmanager")) }
      : {}),
  });
}

/**
 * The JobManagers: one, or with high availability also some that stand by. The annotations tell the Job that prepares the next restart what it
 * finds: whether there will be one, and how the REST API is spoken to until then.
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

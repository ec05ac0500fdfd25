import type { SqlGatewayModel } from "../args/check-sql-gateway";
import type { ClusterModel } from "../args/model";
import { renderConfig } from "../flink/configuration";
import { renderLauncher } from "../flink/launcher";
import { renderLog4j } from "../flink/logging";
import { contentHash, jobManagerHost, objectLabels, objectName, ports, selectorLabels } from "../names";
import { flinkPodTemplate, httpProbe, tcpProbe } from "./flink-pod";
import { restHost } from "./services";

/**
 * What of the JobManager's options says nothing to a SQL Gateway and to the jobs that are planned there, and should not restart it. Without those of high
 * availability it finds the leader by the Service of the REST API, which every JobManager passes on to the leader, and needs no rights.
 */
const foreign =
  /^(jobmanager\.(memory|archive|bind-host)|taskmanager|resourcemanager|slotmanager|blob|metrics|traces|events|heartbeat|high-availability|kubernetes|web|historyserver|queryable-state|rest\.(address|bind-.*)|security\.ssl\.internal)(\.|$)/;

/** Its configuration; as with the other roles, a change makes a new ConfigMap and rolls the pod. */
export function sqlGatewayConfigMap(model: ClusterModel, role: SqlGatewayModel) {
  const shared = Object.entries(model.jobManager.options).filter(([option]) => !foreign.test(option));
  const options = {
    ...Object.fromEntries(shared),
    "rest.address": restHost(model.name, model.namespace.name),
    // Not the name that changes with the JobManager: nothing here uses it, and it would restart sessions.
    "jobmanager.rpc.address": jobManagerHost(model.name, model.namespace.name),
    "sql-gateway.endpoint.type": "rest",
    "sql-gateway.endpoint.rest.address": `${objectName(model.name, "sql-gateway")}.${model.namespace.name}.svc`,
    "sql-gateway.endpoint.rest.bind-address": "0.0.0.0",
    "sql-gateway.endpoint.rest.port": String(ports.sqlGateway),
    "sql-gateway.endpoint.rest.bind-port": String(ports.sqlGateway),
    ...role.options,
  };
  const data = {
    "config.yaml": renderConfig(options),
    "log4j-console.properties": renderLog4j(model.monitoring?.logging),
    "launch.sh": renderLauncher(
      "sql-gateway",
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
      name: objectName(model.name, "sql-gateway", "conf", contentHash(data)),
    },
    immutable: true,
    data,
  };
}

export function sqlGatewayTemplate(model: ClusterModel, role: SqlGatewayModel, configMap: string) {
  return flinkPodTemplate(model, {
    component: "sql-gateway",
    role,
    configMap,
    ports: [{ name: "sql-gateway", containerPort: ports.sqlGateway }],
    startupProbe: infoProbe(model, 1, 300),
    livenessProbe: tcpProbe("sql-gateway", 15, 4),
    readinessProbe: infoProbe(model, 5, 3),
  });
}

/** It speaks TLS where the REST API does; and the kubelet has no certificate to show. */
function infoProbe({ tls }: ClusterModel, periodSeconds: number, failureThreshold: number) {
  if (tls?.rest?.clientAuthentication) return tcpProbe("sql-gateway", periodSeconds, failureThreshold);
  const probe = httpProbe("/v1/info", "sql-gateway", periodSeconds, failureThreshold);
  return tls?.rest ? { ...probe, httpGet: { ...probe.httpGet, scheme: "HTTPS" } } : probe;
}

/** One: its sessions are in its memory, and a second one would not know them. */
export function sqlGatewayDeployment<Template>(model: ClusterModel, template: Template) {
  return {
    metadata: metadata(model),
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      revisionHistoryLimit: 2,
      selector: { matchLabels: selectorLabels(model.name, "sql-gateway") },
      template,
    },
  };
}

export function sqlGatewayService(model: ClusterModel) {
  return {
    metadata: { ...metadata(model), annotations: { "pulumi.com/skipAwait": "true" } },
    spec: {
      type: "ClusterIP",
      selector: selectorLabels(model.name, "sql-gateway"),
      ports: [{ name: "sql-gateway", port: ports.sqlGateway, targetPort: "sql-gateway", protocol: "TCP" }],
    },
  };
}

function metadata(model: ClusterModel) {
  return {
    name: objectName(model.name, "sql-gateway"),
    namespace: model.namespace.name,
    labels: objectLabels(model.name, "sql-gateway"),
  };
}

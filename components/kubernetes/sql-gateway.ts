import type { SqlGatewayModel } from "../args/check-sql-gateway";
import type { ClusterModel } from "../args/model";
import { jobManagerHost, objectName, ports } from "../names";
import { besideDeployment, besideService } from "./beside";
import { processConfigMap } from "./configuration";
import { flinkPodTemplate, httpProbe, tcpProbe } from "./flink-pod";
import { restHost } from "./services";

/**
 * What of the JobManager's options says nothing to a SQL Gateway and to the jobs that are planned there, and should not restart it. Without those of high
 * availability it finds the leader by the Service of the REST API, which every JobManager passes on to the leader, and needs no rights.
 */
const foreign =
  /^(jobmanager\.(memory|archive|bind-host)|taskmanager|resourcemanager|slotmanager|blob|metrics|traces|events|heartbeat|high-availability|kubernetes|web|historyserver|queryable-state|rest\.(address|bind-.*)|security\.ssl\.internal)(\.|$)/;

/** Its configuration. */
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
  return processConfigMap(model, "sql-gateway", { ...role, options });
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

/** Its sessions are in its memory, and a second one would not know them. */
export function sqlGatewayDeployment<Template>(model: ClusterModel, template: Template) {
  return besideDeployment(model, "sql-gateway", { type: "Recreate" }, template);
}

export function sqlGatewayService(model: ClusterModel) {
  return besideService(model, "sql-gateway", "sql-gateway", ports.sqlGateway);
}

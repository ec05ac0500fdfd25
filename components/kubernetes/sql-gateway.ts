import type { SqlGatewayModel } from "../args/check-sql-gateway";
import type { ClusterModel } from "../args/model";
import { jobManagerHost, objectName, ports } from "../names";
import { besideDeployment, besideService } from "./beside";
import { processConfigMap } from "./configuration";
import { flinkPodTemplate, httpProbe, tcpProbe } from "./flink-pod";
import { restHost } from "./services";

/**
 * The JobManager's options that do not concern a SQL Gateway or the jobs planned there, and must not restart
 * it. Without the high-availability options, it reaches the leader through the REST Service and needs no
 * rights: every JobManager forwards to the leader.
 */
const foreign =
  /^(jobmanager\.(memory|archive|bind-host)|taskmanager|resourcemanager|slotmanager|blob|metrics|traces|events|heartbeat|high-availability|kubernetes|web|historyserver|queryable-state|rest\.(address|bind-.*)|security\.ssl\.internal)(\.|$)/;

/** The SQL Gateway's configuration. */
export function sqlGatewayConfigMap(model: ClusterModel, role: SqlGatewayModel) {
  const shared = Object.entries(model.jobManager.options).filter(([option]) => !foreign.test(option));
  const options = {
    ...Object.fromEntries(shared),
    "rest.address": restHost(model.name, model.namespace.name),
    // Not the generation host name of the JobManager: nothing here uses it, and its changes would end
    // sessions.
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

/** Uses TLS if the REST API does. The kubelet has no client certificate. */
function infoProbe({ tls }: ClusterModel, periodSeconds: number, failureThreshold: number) {
  if (tls?.rest?.clientAuthentication) return tcpProbe("sql-gateway", periodSeconds, failureThreshold);
  const probe = httpProbe("/v1/info", "sql-gateway", periodSeconds, failureThreshold);
  return tls?.rest ? { ...probe, httpGet: { ...probe.httpGet, scheme: "HTTPS" } } : probe;
}

/** One replica: sessions are in its memory, and a second one would not know them. */
export function sqlGatewayDeployment<Template>(model: ClusterModel, template: Template) {
  return besideDeployment(model, "sql-gateway", { type: "Recreate" }, template);
}

export function sqlGatewayService(model: ClusterModel) {
  return besideService(model, "sql-gateway", "sql-gateway", ports.sqlGateway);
}

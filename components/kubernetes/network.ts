import type { networking } from "@pulumi/kubernetes/types/input";
import { networkRoles } from "../args/check-network";
import type { ClusterModel } from "../args/model";
import type { EgressRuleArgs, NetworkArgs, PeerArgs } from "../args/network";
import { type Component, objectLabels, objectName, ports, selectorLabels } from "../names";

type Ingress = networking.v1.NetworkPolicyIngressRule;
type Egress = networking.v1.NetworkPolicyEgressRule;

/**
 * One policy for each role. Ingress is open only to the roles that need it, on fixed ports; egress is open,
 * or limited to a list. Probes come from the node, which no policy blocks.
 */
export function networkPolicies(model: ClusterModel): Record<string, ReturnType<typeof policy>> {
  return {
    jobmanager: policy(model, "jobmanager", [
      // The JobManager's own components, and standby JobManagers.
      allow([component(model, "jobmanager")], [ports.rpc, ports.blob, ports.metricsQuery]),
      // Before a TaskManager stops, it requests checkpoints through the REST API.
      allow(
        [component(model, "taskmanager")],
        [ports.rpc, ports.blob, ...(model.taskManagers.checkpointSeconds > 0 ? [ports.rest] : [])],
      ),
      allow(
        [
          component(model, "submitter"),
          component(model, "guard"),
          ...(model.sqlGateway ? [component(model, "sql-gateway")] : []),
          ...restReaders(model).map(peer),
        ],
        [ports.rest],
      ),
      ...prometheus(model.network),
    ]),
    taskmanager: policy(model, "taskmanager", [
      // Query results are fetched from the last task of the query, on a random port.
      model.sqlGateway
        ? { from: [component(model, "jobmanager")] }
        : allow([component(model, "jobmanager")], [ports.taskManagerRpc, ports.metricsQuery]),
      allow([component(model, "taskmanager")], [ports.taskManagerData]),
      ...prometheus(model.network),
    ]),
    submitter: policy(model, "submitter", []),
    guard: policy(model, "guard", []),
    ...(model.historyServer
      ? { historyserver: policy(model, "historyserver", admitted(model.network.rest, ports.historyServer)) }
      : {}),
    ...(model.sqlGateway
      ? { "sql-gateway": policy(model, "sql-gateway", admitted(model.network.sqlGateway, ports.sqlGateway)) }
      : {}),
  };
}

function policy(model: ClusterModel, of: Component, ingress: Ingress[]) {
  const { egress } = model.network;
  return {
    metadata: {
      name: objectName(model.name, of),
      namespace: model.namespace.name,
      labels: objectLabels(model.name, of),
    },
    spec: {
      podSelector: { matchLabels: selectorLabels(model.name, of) },
      policyTypes: egress ? ["Ingress", "Egress"] : ["Ingress"],
      ingress: [...ingress, ...opened(model, of)],
      ...(egress ? { egress: egressRules(model, of, egress) } : {}),
    },
  } satisfies networking.v1.NetworkPolicy;
}

/** Rules for ports that are not Flink's. */
function opened({ network }: ClusterModel, of: Component): Ingress[] {
  return (network.ingress ?? [])
    .filter((rule) => concerns(rule, of))
    .map((rule) => allow([peer(rule)], rule.ports));
}

function concerns({ roles }: { roles?: string[] }, of: Component): boolean {
  return roles?.some((role) => networkRoles[role]?.includes(of)) ?? true;
}

function egressRules(model: ClusterModel, of: Component, listed: EgressRuleArgs[]): Egress[] {
  const { apiServer } = model.network;
  const listedHere = listed.filter((rule) => concerns(rule, of));
  return [
    // DNS, wherever it runs: a node-local cache has no labels that a policy could select.
    {
      ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
      ],
    },
    { to: [{ podSelector: { matchLabels: clusterLabels(model.name) } }] },
    ...(usesApiServer(model, of)
      ? [
          {
            ...(apiServer?.cidr === undefined ? {} : { to: [{ ipBlock: { cidr: apiServer.cidr } }] }),
            ports: tcp(apiServer?.ports ?? [443, 6443]),
          },
        ]
      : []),
    ...listedHere.map((rule) => ({
      to: [peer(rule)],
      ...(rule.ports === undefined ? {} : { ports: tcp(rule.ports) }),
    })),
  ];
}

/**
 * The pods of submissions and guards keep their ledger through the API server. The others use it only if a
 * feature (high availability) needs it.
 */
function usesApiServer({ jobManager, taskManager }: ClusterModel, of: Component): boolean {
  if (of === "jobmanager") return jobManager.pod.usesApiServer;
  return of === "taskmanager" ? taskManager.pod.usesApiServer : of === "submitter" || of === "guard";
}

/** Peers that may use the REST API, in addition to the pods of submissions and guards. */
function restReaders({ network, exposure }: ClusterModel): PeerArgs[] {
  return [...(network.rest ?? []), ...(exposure?.controller ? [exposure.controller] : [])];
}

/**
 * Only the named peers: neither server has a login, and the History Server has the same readers as the REST
 * API.
 */
function admitted(peers: PeerArgs[] = [], port: number): Ingress[] {
  return peers.length > 0 ? [allow(peers.map(peer), [port])] : [];
}

function allow(from: ReturnType<typeof peer>[], list: number[]): Ingress {
  return { from, ports: tcp(list) };
}

function prometheus({ prometheus: given }: NetworkArgs): Ingress[] {
  return given ? [allow([peer(given)], [given.port ?? 9249])] : [];
}

function tcp(list: number[]) {
  return list.map((port) => ({ protocol: "TCP", port }));
}

function component(model: ClusterModel, of: Component) {
  return { podSelector: { matchLabels: selectorLabels(model.name, of) } };
}

/** Labels of all pods of the cluster, of every component. */
function clusterLabels(cluster: string): Record<string, string> {
  return { "app.kubernetes.io/name": "flink", "app.kubernetes.io/instance": cluster };
}

/** A peer. Without namespace labels it is in the cluster's own namespace, as in Kubernetes. */
function peer({ cidr, except, namespaceLabels, podLabels }: PeerArgs): networking.v1.NetworkPolicyPeer {
  if (cidr !== undefined) return { ipBlock: { cidr, ...(except ? { except } : {}) } };
  return {
    ...(namespaceLabels ? { namespaceSelector: { matchLabels: namespaceLabels } } : {}),
    ...(podLabels || !namespaceLabels ? { podSelector: { matchLabels: podLabels ?? {} } } : {}),
  };
}

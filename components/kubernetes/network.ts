import type { networking } from "@pulumi/kubernetes/types/input";
import { networkRoles } from "../args/check-network";
import type { ClusterModel } from "../args/model";
import type { EgressRuleArgs, NetworkArgs, PeerArgs } from "../args/network";
import { type Component, objectLabels, objectName, ports, selectorLabels } from "../names";

type Ingress = networking.v1.NetworkPolicyIngressRule;
type Egress = networking.v1.NetworkPolicyEgressRule;

/**
 * One policy a role: ingress only from the roles that need it, on pinned ports; egress open, or what is listed.
 * Probes come from the node, which no policy stops.
 */
export function networkPolicies(model: ClusterModel): Record<string, ReturnType<typeof policy>> {
  return {
    jobmanager: policy(model, "jobmanager", [
      // The JobManager's own components, and standby ones.
      allow([component(model, "jobmanager")], [ports.rpc, ports.blob, ports.metricsQuery]),
      // Before it stops, a TaskManager asks the REST API for checkpoints.
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
      // What a query gives is fetched from where its last task listens, on a port of that moment.
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

/** What is said of ports that are not Flink's. */
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
    // DNS, wherever it runs: a node-local cache has no labels that a policy could name.
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

/** The pods of submissions and guards keep their ledger through the API server; the others use it if a feature (high availability) does. */
function usesApiServer({ jobManager, taskManager }: ClusterModel, of: Component): boolean {
  if (of === "jobmanager") return jobManager.pod.usesApiServer;
  return of === "taskmanager" ? taskManager.pod.usesApiServer : of === "submitter" || of === "guard";
}

/** Who may open the REST API besides the pods of submissions and guards. */
function restReaders({ network, exposure }: ClusterModel): PeerArgs[] {
  return [...(network.rest ?? []), ...(exposure?.controller ? [exposure.controller] : [])];
}

/** Those who are named, and else nobody: neither has a login, and a History Server is for those who may open the REST API. */
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

/** All pods of the cluster, of every component. */
function clusterLabels(cluster: string): Record<string, string> {
  return { "app.kubernetes.io/name": "flink", "app.kubernetes.io/instance": cluster };
}

/** A peer; without labels of a namespace it is in the cluster's own, as Kubernetes has it. */
function peer({ cidr, except, namespaceLabels, podLabels }: PeerArgs): networking.v1.NetworkPolicyPeer {
  if (cidr !== undefined) return { ipBlock: { cidr, ...(except ? { except } : {}) } };
  return {
    ...(namespaceLabels ? { namespaceSelector: { matchLabels: namespaceLabels } } : {}),
    ...(podLabels || !namespaceLabels ? { podSelector: { matchLabels: podLabels ?? {} } } : {}),
  };
}

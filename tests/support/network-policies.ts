import type { V1LabelSelector, V1NetworkPolicyPeer, V1NetworkPolicyPort } from "@kubernetes/client-node";

/*
 * What NetworkPolicies mean, as Kubernetes documents it, worked out for a set of pods. It knows nothing of how the policies
 * came to be. A policy that uses what is not worked out here (named ports, IPv6) is an error, never ignored.
 */

export type Labels = Record<string, string>;

export interface WorldPod {
  name: string;
  namespace: string;
  labels: Labels;
  address: string;
}

/** A NetworkPolicy as it is in YAML. */
export interface Policy {
  metadata?: { name?: string; namespace?: string };
  spec?: {
    podSelector?: V1LabelSelector;
    policyTypes?: string[];
    ingress?: { from?: V1NetworkPolicyPeer[]; ports?: V1NetworkPolicyPort[] }[];
    egress?: { to?: V1NetworkPolicyPeer[]; ports?: V1NetworkPolicyPort[] }[];
  };
}

/** Everything that the meaning of policies depends on. */
export interface World {
  namespaces: { name: string; labels: Labels }[];
  pods: WorldPod[];
  policies: Policy[];
}

export interface Flow {
  from: string;
  to: string;
  port: number;
  protocol: "TCP" | "UDP" | "SCTP";
}

/** Addresses and ports that one rule lets through. A list that is not given means all. */
export interface Allowance {
  addresses?: { cidr: string; except: string[] }[];
  ports?: { protocol: string; first: number; last: number }[];
}

/**
 * Who may connect to a pod (ingress), or where it may connect to (egress). Undefined where no policy says anything about that: then
 * everything passes; an empty list lets nothing through.
 */
export function allowances(
  world: World,
  pod: WorldPod,
  direction: "Ingress" | "Egress",
): Allowance[] | undefined {
  const isolating = world.policies.filter(
    ({ metadata, spec }) =>
      metadata?.namespace === pod.namespace &&
      selects(spec?.podSelector, pod.labels) &&
      // What an API server fills in where it is left out.
      (spec?.policyTypes ?? ["Ingress", ...(spec?.egress ? ["Egress"] : [])]).includes(direction),
  );
  if (isolating.length === 0) return undefined;
  return isolating.flatMap(({ metadata, spec }) => {
    const rules =
      direction === "Ingress"
        ? (spec?.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
        : (spec?.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
    return rules.map(({ peers, ports }) => ({
      // An empty list of either is as if it were not there.
      ...(peers?.length
        ? { addresses: peers.flatMap((peer) => resolve(world, metadata!.namespace!, peer)) }
        : {}),
      ...(ports?.length ? { ports: ports.map(portRange) } : {}),
    }));
  });
}

/** Whether a connection comes about: both ends must allow it. A pod always reaches itself. */
export function passes(world: World, flow: Flow): boolean {
  if (flow.from === flow.to) return true;
  return end("Egress", flow.from, flow.to) && end("Ingress", flow.to, flow.from);

  function end(direction: "Ingress" | "Egress", own: string, other: string): boolean {
    const pod = world.pods.find(({ address }) => address === own);
    const allowed = pod && allowances(world, pod, direction);
    if (!allowed) return true;
    return allowed.some(
      ({ addresses, ports }) =>
        (!addresses || addresses.some((block) => contains(block, other))) &&
        (!ports ||
          ports.some(
            ({ protocol, first, last }) =>
              protocol === flow.protocol && first <= flow.port && flow.port <= last,
          )),
    );
  }
}

function resolve(world: World, namespace: string, peer: V1NetworkPolicyPeer) {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (ipBlock) {
    if (namespaceSelector || podSelector) throw new Error("a peer has an ipBlock and a selector");
    return [{ cidr: ipBlock.cidr, except: ipBlock.except ?? [] }];
  }
  if (!namespaceSelector && !podSelector) throw new Error("a peer is empty");
  const namespaces = world.namespaces
    .filter(({ name, labels }) =>
      // Every namespace carries its name as a label.
      namespaceSelector
        ? selects(namespaceSelector, { "kubernetes.io/metadata.name": name, ...labels })
        : name === namespace,
    )
    .map(({ name }) => name);
  return world.pods
    .filter((pod) => namespaces.includes(pod.namespace) && (!podSelector || selects(podSelector, pod.labels)))
    .map(({ address }) => ({ cidr: `${address}/32`, except: [] }));
}

function portRange({ protocol = "TCP", port, endPort }: V1NetworkPolicyPort) {
  if (typeof port === "string") throw new Error(`the port ${port} is a name`);
  return { protocol, first: port ?? 0, last: endPort ?? port ?? 65535 };
}

/** An empty selector selects everything. */
export function selects(selector: V1LabelSelector | undefined, labels: Labels): boolean {
  const expressions = selector?.matchExpressions ?? [];
  return (
    Object.entries(selector?.matchLabels ?? {}).every(([label, value]) => labels[label] === value) &&
    expressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        case "Exists":
          return value !== undefined;
        case "DoesNotExist":
          return value === undefined;
        default:
          throw new Error(`no operator of a selector: ${operator}`);
      }
    })
  );
}

function contains({ cidr, except }: { cidr: string; except: string[] }, address: string): boolean {
  return isIn(cidr, address) && !except.some((block) => isIn(block, address));
}

/** Whether an address is in a block. */
export function isIn(cidr: string, address: string): boolean {
  const [network, prefix = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(prefix));
  return Math.floor(number(network!) / size) === Math.floor(number(address) / size);
}

function number(address: string): number {
  const parts = address.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255)))
    throw new Error(`no IPv4 address: ${address}`);
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

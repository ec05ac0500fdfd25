import { BlockList, isIP } from "node:net";
import { type Component, ports } from "../names";
import type { Problem } from "../problems";
import type { Findings } from "./additions";
import { checkLabels } from "./check-pods";
import type { NetworkArgs, PeerArgs } from "./network";

/** Components of a cluster by the role names of `network.egress` and `network.ingress`. */
export const networkRoles: { [role: string]: readonly Component[] } = {
  jobManager: ["jobmanager"],
  taskManager: ["taskmanager"],
  // A guard also submits a job that the JobManager has lost.
  submitter: ["submitter", "guard"],
  historyServer: ["historyserver"],
  sqlGateway: ["sql-gateway"],
};

export function checkNetwork(args: NetworkArgs, { problems, warnings }: Findings): void {
  args.egress?.forEach((rule, index) => {
    const path = `network.egress[${index}]`;
    problems.push(...checkPeer(path, rule), ...checkPorts(`${path}.ports`, rule.ports));
    problems.push(...checkRoles(`${path}.roles`, rule.roles));
  });
  args.ingress?.forEach((rule, index) => {
    const path = `network.ingress[${index}]`;
    problems.push(...checkPeer(path, rule), ...checkRoles(`${path}.roles`, rule.roles));
    problems.push(...checkOpenedPorts(`${path}.ports`, rule.ports));
  });
  for (const field of ["rest", "sqlGateway"] as const) {
    args[field]?.forEach((rule, index) => problems.push(...checkPeer(`network.${field}[${index}]`, rule)));
  }
  for (const field of ["egress", "ingress", "rest", "sqlGateway", "prometheus", "apiServer"] as const) {
    if (args.policies !== false || args[field] === undefined) continue;
    warnings.push({
      path: `network.${field}`,
      reason: "network.policies is false, so there is no NetworkPolicy to apply this, and everything is open",
      fix: `leave network.policies or network.${field} out`,
    });
  }
  const { prometheus, apiServer } = args;
  if (prometheus) {
    problems.push(...checkLabels("network.prometheus.namespaceLabels", prometheus.namespaceLabels ?? {}));
    problems.push(...checkLabels("network.prometheus.podLabels", prometheus.podLabels ?? {}));
    if (prometheus.port !== undefined)
      problems.push(...checkPort("network.prometheus.port", prometheus.port));
  }
  if (apiServer?.cidr !== undefined) problems.push(...checkCidr("network.apiServer.cidr", apiServer.cidr));
  problems.push(...checkPorts("network.apiServer.ports", apiServer?.ports));
}

/**
 * Flink's own ports, and the arguments that open them. Ports between the processes are open to nobody else.
 */
const ownPorts = new Map<number, string | undefined>([
  [ports.rest, "network.rest"],
  [ports.historyServer, "network.rest"],
  [ports.sqlGateway, "network.sqlGateway"],
  ...[ports.rpc, ports.blob, ports.metricsQuery, ports.taskManagerRpc, ports.taskManagerData].map(
    (port) => [port, undefined] as const,
  ),
]);

function checkOpenedPorts(path: string, list: number[] | undefined): Problem[] {
  if (list === undefined) {
    const reason = "without a list of ports, the rule would open all ports, including Flink's own";
    return [{ path, reason, fix: "list the ports, for example [9010]" }];
  }
  const taken = list.flatMap((port, index): Problem[] => {
    if (!ownPorts.has(port)) return [];
    const argument = ownPorts.get(port);
    const reason = argument
      ? "this is a port of Flink, which has no authentication"
      : "Flink's processes use this port among themselves: whoever can reach it can run code";
    const fix = argument ? `use ${argument}` : "leave it out";
    return [{ path: `${path}[${index}]`, value: port, reason, fix }];
  });
  return [...checkPorts(path, list), ...taken];
}

/** Checks the pods or addresses of a rule. */
export function checkPeer(path: string, peer: PeerArgs): Problem[] {
  const problems: Problem[] = [];
  const byLabels = peer.namespaceLabels !== undefined || peer.podLabels !== undefined;
  if (byLabels && peer.cidr !== undefined) {
    problems.push({
      path,
      value: peer,
      reason: "a rule selects pods by labels or addresses by a CIDR block, not both",
      fix: "write two rules",
    });
  }
  if (!byLabels && peer.cidr === undefined) {
    problems.push({
      path,
      value: peer,
      reason: "this rule selects no peer",
      fix: "write podLabels, namespaceLabels or cidr (0.0.0.0/0 for every IPv4 address)",
    });
  }
  if (peer.except !== undefined && peer.cidr === undefined) {
    const reason = "exceptions need a CIDR block, and cidr is missing";
    problems.push({
      path: `${path}.except`,
      value: peer.except,
      reason,
      fix: "write cidr, or leave except out",
    });
  }
  if (peer.cidr !== undefined) problems.push(...checkCidr(`${path}.cidr`, peer.cidr));
  peer.except?.forEach((cidr, index) => {
    const at = `${path}.except[${index}]`;
    const malformed = checkCidr(at, cidr);
    problems.push(...malformed);
    if (malformed.length > 0 || peer.cidr === undefined || checkCidr("", peer.cidr).length > 0) return;
    if (isPartOf(cidr, peer.cidr)) return;
    const reason = `this is not a part of ${peer.cidr}, and Kubernetes refuses such an exception`;
    problems.push({ path: at, value: cidr, reason, fix: `write a smaller block within ${peer.cidr}` });
  });
  problems.push(...checkLabels(`${path}.namespaceLabels`, peer.namespaceLabels ?? {}));
  problems.push(...checkLabels(`${path}.podLabels`, peer.podLabels ?? {}));
  return problems;
}

function checkRoles(path: string, roles: string[] | undefined): Problem[] {
  const fix = `write any of ${Object.keys(networkRoles).join(", ")}, or leave roles out for all`;
  if (roles?.length === 0) {
    return [{ path, value: roles, reason: "without a role the rule allows nothing", fix }];
  }
  return (roles ?? []).flatMap((role, index) =>
    Object.hasOwn(networkRoles, role)
      ? []
      : [{ path: `${path}[${index}]`, value: role, reason: "there are no pods of this role", fix }],
  );
}

export function checkCidr(path: string, cidr: string): Problem[] {
  const [address, length, ...rest] = cidr.split("/");
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  if (version !== 0 && rest.length === 0 && /^\d{1,3}$/.test(length ?? "") && Number(length) <= bits)
    return [];
  const reason = "this is not a block of IP addresses; Kubernetes does not accept host names here";
  return [{ path, value: cidr, reason, fix: "write an address and a prefix length, such as 10.20.0.0/16" }];
}

/** Whether the first block is part of the second and smaller than it. */
function isPartOf(inner: string, outer: string): boolean {
  const [[address, length], [around, outerLength]] = [inner.split("/"), outer.split("/")];
  const family = (text: string) => (isIP(text) === 6 ? "ipv6" : "ipv4");
  const block = new BlockList();
  block.addSubnet(around, Number(outerLength), family(around));
  return (
    family(address) === family(around) &&
    Number(length) > Number(outerLength) &&
    block.check(address, family(address))
  );
}

function checkPorts(path: string, list: number[] | undefined): Problem[] {
  if (list === undefined) return [];
  if (list.length === 0) {
    return [
      {
        path,
        value: list,
        reason: "without a port the rule allows nothing",
        fix: "list a port, or leave ports out",
      },
    ];
  }
  return list.flatMap((port, index) => checkPort(`${path}[${index}]`, port));
}

function checkPort(path: string, port: number): Problem[] {
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return [];
  return [
    { path, value: port, reason: "this is not a TCP port", fix: "write a whole number from 1 to 65535" },
  ];
}

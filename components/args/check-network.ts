import { isIP } from "node:net";
import type { Problem } from "../problems";
import { checkLabels } from "./check-pods";
import type { EgressRuleArgs, NetworkArgs } from "./network";

export function checkNetwork(args: NetworkArgs): Problem[] {
  const problems: Problem[] = [];
  for (const [field, rules] of [
    ["egress", args.egress],
    ["rest", args.rest],
  ] as const) {
    rules?.forEach((rule, index) => problems.push(...checkPeer(`network.${field}[${index}]`, rule)));
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
  return problems;
}

function checkPeer(path: string, peer: EgressRuleArgs): Problem[] {
  const problems: Problem[] = [];
  const byLabels = peer.namespaceLabels !== undefined || peer.podLabels !== undefined;
  if (byLabels && peer.cidr !== undefined) {
    problems.push({
      path,
      value: peer,
      reason: "one rule names pods by labels or addresses by a CIDR block, not both",
      fix: "write two rules",
    });
  }
  if (!byLabels && peer.cidr === undefined) {
    problems.push({
      path,
      value: peer,
      reason: "this rule names nobody",
      fix: "write podLabels, namespaceLabels or cidr (0.0.0.0/0 for every IPv4 address)",
    });
  }
  if (peer.except !== undefined && peer.cidr === undefined) {
    const reason = "exceptions are parts of a CIDR block, and there is none";
    problems.push({
      path: `${path}.except`,
      value: peer.except,
      reason,
      fix: "write cidr too, or leave except out",
    });
  }
  if (peer.cidr !== undefined) problems.push(...checkCidr(`${path}.cidr`, peer.cidr));
  peer.except?.forEach((cidr, index) => problems.push(...checkCidr(`${path}.except[${index}]`, cidr)));
  problems.push(...checkLabels(`${path}.namespaceLabels`, peer.namespaceLabels ?? {}));
  problems.push(...checkLabels(`${path}.podLabels`, peer.podLabels ?? {}));
  problems.push(...checkPorts(`${path}.ports`, peer.ports));
  return problems;
}

function checkCidr(path: string, cidr: string): Problem[] {
  const [address, length, ...rest] = cidr.split("/");
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  if (version !== 0 && rest.length === 0 && /^\d{1,3}$/.test(length ?? "") && Number(length) <= bits)
    return [];
  const reason = "this is not a block of IP addresses; Kubernetes takes no host names here";
  return [{ path, value: cidr, reason, fix: "write an address and a prefix length, such as 10.20.0.0/16" }];
}

function checkPorts(path: string, list: number[] | undefined): Problem[] {
  if (list === undefined) return [];
  if (list.length === 0) {
    return [
      {
        path,
        value: list,
        reason: "with no port the rule allows nothing",
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

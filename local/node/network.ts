import * as fs from "node:fs";
import { addresses, hostLink, namespaceFile, nodeName, runFolder } from "./layout";
import { capture, output } from "../run";
import { UserError } from "../../recorder/errors";

const ip = (...args: string[]) => output("ip", args);
const inside = (...args: string[]) => output("ip", ["netns", "exec", nodeName, ...args]);

/**
 * A network namespace with one veth pair to this machine. This machine can reach pods and services. The
 * inside can reach only this machine's end of the pair, because it has no other route, whatever this machine
 * forwards.
 */
export async function createNetwork(): Promise<void> {
  await ip("netns", "add", nodeName);
  await ip("link", "add", hostLink, "type", "veth", "peer", "name", "eth0", "netns", nodeName);
  await ip("addr", "add", `${addresses.host}/${addresses.linkPrefix}`, "dev", hostLink);
  await ip("link", "set", hostLink, "up");
  const ns = (...args: string[]) => ip("-n", nodeName, ...args);
  await ns("link", "set", "lo", "up");
  await ns("addr", "add", `${addresses.node}/${addresses.linkPrefix}`, "dev", "eth0");
  await ns("link", "set", "eth0", "up");
  // Service addresses are rewritten before they leave, but the kernel needs a route first.
  await ns("route", "add", addresses.services, "via", addresses.host);
  await ns("route", "add", "unreachable", "default");
  await ip("route", "add", addresses.pods, "via", addresses.node);
  await ip("route", "add", addresses.services, "via", addresses.node);
  await inside("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
  // Traffic between pods crosses only the bridge, and without this, service addresses would not be rewritten
  // there.
  await inside("sh", "-c", "echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null || true");
}

/** Removes the network of createNetwork, also a partial one. The routes are removed with the link. */
export async function removeNetwork(): Promise<void> {
  await capture("ip", ["link", "del", hostLink]);
  if (fs.existsSync(namespaceFile)) {
    const result = await capture("ip", ["netns", "del", nodeName]);
    if (result.code !== 0)
      throw new Error(`network namespace ${nodeName} cannot be removed: ${result.stderr.trim()}`);
  }
}

interface Route {
  dst: string;
  dev?: string;
}

/** Throws a clear error if something else uses the node's names or addresses. */
export async function refuseForeignNetwork(): Promise<void> {
  const because = `The local node cannot start: `;
  if (fs.existsSync(namespaceFile)) {
    throw new UserError(
      `${because}there is a network namespace ${nodeName} that it did not make (its record would be in ${runFolder}). ` +
        `If nobody needs it: ip netns delete ${nodeName}`,
    );
  }
  const links = JSON.parse(await ip("-json", "link", "show")) as { ifname: string }[];
  if (links.some((link) => link.ifname === hostLink)) {
    throw new UserError(
      `${because}there is a network interface ${hostLink} that it did not make. If nobody needs it: ip link delete ${hostLink}`,
    );
  }
  const routes = JSON.parse(await ip("-json", "-4", "route", "show", "table", "all")) as Route[];
  const taken = routes.find((route) => overlaps(route.dst, addresses.range));
  if (taken) {
    throw new UserError(
      `${because}it uses the addresses ${addresses.range}, and this machine has a route to ${taken.dst}` +
        `${taken.dev ? ` over ${taken.dev}` : ""}. Remove that one (ip route show table all), or use a cluster that you have: npm start -- --context NAME`,
    );
  }
}

/** Whether two IPv4 networks overlap. Ignores "default" and networks larger than /8. */
export function overlaps(a: string, b: string): boolean {
  const parse = (network: string) => {
    const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(network);
    if (!match) return undefined;
    const [, w, x, y, z, prefix] = match;
    return { address: ((+w * 256 + +x) * 256 + +y) * 256 + +z, prefix: prefix === undefined ? 32 : +prefix };
  };
  const one = parse(a);
  const other = parse(b);
  if (!one || !other || one.prefix < 8 || other.prefix < 8) return false;
  const size = 2 ** (32 - Math.min(one.prefix, other.prefix));
  return Math.floor(one.address / size) === Math.floor(other.address / size);
}

import { isIP } from "node:net";
import type { Value } from "./value";

/** A CIDR block as Kubernetes writes it, with its exceptions. */
export interface AddressBlock {
  cidr: string;
  except?: readonly string[];
}

/** From the first address to the last, both included. */
type Range = readonly [first: bigint, last: bigint];
type Version = 4 | 6;

const bits: Readonly<Record<Version, number>> = { 4: 32, 6: 128 };

/**
 * Blocks outside of the internet: this network, private, shared, loopback, link-local, multicast and
 * reserved.
 */
const notPublic = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"],
  ...["172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3"],
];
const internet: Readonly<Record<Version, readonly Range[]>> = {
  4: without(rangesOf(["0.0.0.0/0"], 4), rangesOf(notPublic, 4)),
  6: rangesOf(["2000::/3"], 6),
};

/**
 * Whether blocks together cover a quarter or more of all public addresses. Counts addresses, because there
 * are many notations: one block, two halves, everything except the private networks.
 */
export function isInternet(blocks: readonly AddressBlock[]): boolean {
  return ([4, 6] as const).some((version) => {
    const given = blocks.flatMap(({ cidr, except = [] }) =>
      without(rangesOf([cidr], version), rangesOf(except, version)),
    );
    // The rest of the internet without these blocks, so that overlapping blocks count once.
    const left = sizeOf(without(internet[version], given));
    return left * 4n <= sizeOf(internet[version]) * 3n;
  });
}

/** Ignores invalid blocks, which Kubernetes refuses. */
function rangesOf(blocks: readonly string[], version: Version): Range[] {
  return blocks.flatMap((text) => {
    const [address = "", length = ""] = text.trim().split("/");
    const prefix = Number(length);
    if (isIP(address) !== version || !/^\d+$/.test(length) || prefix > bits[version]) return [];
    const number = version === 4 ? numberOf(address.split("."), 8, 10) : numberOf(groupsOf(address), 16, 16);
    const size = 1n << BigInt(bits[version] - prefix);
    const first = (number / size) * size;
    return [[first, first + size - 1n] as const];
  });
}

function numberOf(parts: readonly string[], width: number, base: number): bigint {
  return parts.reduce((all, part) => (all << BigInt(width)) | BigInt(Number.parseInt(part, base)), 0n);
}

/** The eight groups of an IPv6 address: `::` stands for the missing zeros. */
function groupsOf(address: string): string[] {
  const [head = "", tail] = address
    .replace(/%.*$/, "")
    .replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...numbers: string[]) => {
      const [a, b, c, d] = numbers.map(Number) as [number, number, number, number];
      return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
    })
    .split("::");
  const [left, right] = [head, tail ?? ""].map((text) => (text === "" ? [] : text.split(":")));
  const zeros = Array.from({ length: 8 - left!.length - right!.length }, () => "0");
  return [...left!, ...zeros, ...right!];
}

function without(ranges: readonly Range[], taken: readonly Range[]): Range[] {
  return taken.reduce<Range[]>(
    (rest, [from, to]) =>
      rest.flatMap(([first, last]) => {
        if (to < first || from > last) return [[first, last] as const];
        const below: Range[] = first < from ? [[first, from - 1n]] : [];
        const above: Range[] = last > to ? [[to + 1n, last]] : [];
        return [...below, ...above];
      }),
    [...ranges],
  );
}

function sizeOf(ranges: readonly Range[]): bigint {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1n, 0n);
}

/**
 * The peers of a NetworkPolicy that allow everybody on the internet, or all pods of the Kubernetes cluster.
 */
export function openPeers(from: Value): { internet: Value[]; pods: Value[] } {
  const blocks = from.list().flatMap((peer) => blockOf(peer));
  const alone = blocks.filter(({ block }) => isInternet([block])).map(({ at }) => at);
  const isTogether = alone.length === 0 && isInternet(blocks.map(({ block }) => block));
  const pods = from.list().flatMap((peer) => {
    const [namespaces, own] = [peer.get("namespaceSelector"), peer.get("podSelector")];
    const isAll = [namespaces.isPresent && selectsAll(namespaces), own.isAbsent || selectsAll(own)];
    return isAll.includes(false) ? [] : [namespaces];
  });
  return { internet: isTogether ? [from] : alone, pods };
}

/** The addresses of a peer, if all are known. */
export function blockOf(peer: Value): { at: Value; block: AddressBlock }[] {
  const at = peer.get("ipBlock", "cidr");
  const [cidr, except] = [at.text(), peer.get("ipBlock", "except")];
  const parts = except.list().map((part) => part.text());
  const isHidden = [except, ...except.list()].map((value) => value.isUnknown).includes(true);
  if (cidr === undefined || isHidden) return [];
  return [{ at, block: { cidr, except: parts.filter((part) => part !== undefined) } }];
}

/** The label that every namespace has. */
const NAME = "kubernetes.io/metadata.name";

/** Whether a label selector matches everything: it is empty, or requires a label that all namespaces have. */
function selectsAll(selector: Value): boolean {
  const [labels, expressions] = [selector.get("matchLabels"), selector.get("matchExpressions")];
  if ([selector, labels, expressions].map((value) => value.isUnknown).includes(true)) return false;
  const asks = expressions.list().map((one) => [one.get("key").text(), one.get("operator").text()]);
  return labels.entries().length === 0 && asks.every(([key, how]) => key === NAME && how === "Exists");
}

import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { CoreV1Api, CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import { type Allowance, type Policy, type World, type WorldPod, allowances, isIn } from "./network-policies";

/**
 * Makes the local node's network enforce the NetworkPolicies of some namespaces, as a network plugin would: the bridge
 * enforces none. What a policy forbids is answered with "prohibited", so that it can be told from a port where nobody listens.
 */
export interface PolicyEnforcer {
  /** Waits until what is in the API server now is enforced. */
  settled(): Promise<void>;
  /** Opens the network again. */
  stop(): Promise<void>;
}

/** Name of the node's network namespace, see local/node. */
const networkNamespace = "flink-kubernetes";
/** The first chain; those of single pods begin with it. One test at a time enforces policies. */
const chain = "TEST-POLICIES";
const hooks = ["FORWARD", "INPUT"];

export async function enforcePolicies(kubeconfig: string, ...enforced: string[]): Promise<PolicyEnforcer> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const objects = config.makeApiClient(CustomObjectsApi);

  const look = async (): Promise<World> => {
    const [namespaces, pods, policies] = await Promise.all([
      core.listNamespace(),
      core.listPodForAllNamespaces(),
      // As they are: the typed client renames fields.
      Promise.all(
        enforced.map((namespace) => {
          const of = { group: "networking.k8s.io", version: "v1", plural: "networkpolicies", namespace };
          return objects.listNamespacedCustomObject(of) as Promise<{ items: Policy[] }>;
        }),
      ),
    ]);
    return {
      namespaces: namespaces.items.map(({ metadata }) => ({
        name: metadata!.name!,
        labels: metadata!.labels ?? {},
      })),
      // The address of a pod that has ended may be another's by now.
      pods: pods.items.flatMap(({ metadata, spec, status }) =>
        status?.podIP && !spec?.hostNetwork && ["Pending", "Running"].includes(status.phase ?? "")
          ? [
              {
                name: metadata!.name!,
                namespace: metadata!.namespace!,
                labels: metadata!.labels ?? {},
                address: status.podIP,
              },
            ]
          : [],
      ),
      policies: policies.flatMap(({ items }) => items),
    };
  };

  let applied = "";
  let chains: string[] = [];
  const apply = (world: World) => {
    const rules = rulesOf(world, enforced);
    const text = rules.join("\n");
    if (text === applied) return;
    const now = rules.flatMap((line) => /^:(\S+)/.exec(line)?.[1] ?? []);
    const old = chains.filter((name) => !now.includes(name));
    restore([...rules, ...old.map((name) => `:${name} - [0:0]`), ...old.map((name) => `-X ${name}`)]);
    [applied, chains] = [text, now];
  };

  remove();
  apply(await look());
  for (const hook of hooks) inside("iptables", "--wait", "--insert", hook, "1", "--jump", chain);
  // Otherwise most of many refusals in a second would be silent.
  setAnswerLimit(0);
  process.once("exit", remove);

  let rounds = 0;
  let failure: unknown;
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      try {
        apply(await look());
        rounds++;
      } catch (error) {
        failure = error;
        return;
      }
      await sleep(250);
    }
  })();
  return {
    settled: async () => {
      // The round that runs may have looked before.
      for (const until = rounds + 2; rounds < until;) {
        if (failure) throw failure;
        await sleep(50);
      }
    },
    stop: async () => {
      stopped = true;
      await running;
      process.off("exit", remove);
      remove();
      if (failure) throw failure;
    },
  };
}

/** Takes away everything that this file ever put there, also what a killed test left. */
function remove(): void {
  setAnswerLimit(1000);
  for (const hook of hooks) {
    while (tryInside("iptables", "--wait", "--delete", hook, "--jump", chain).status === 0);
  }
  const saved = tryInside("iptables-save", "--table", "filter").stdout ?? "";
  const names = saved.match(new RegExp(`(?<=^:)${chain}\\S*`, "gm")) ?? [];
  if (names.length > 0) {
    restore([...names.map((name) => `:${name} - [0:0]`), ...names.map((name) => `-X ${name}`)]);
  }
}

function rulesOf(world: World, enforced: string[]): string[] {
  const declared = [chain];
  const rules = [
    `-A ${chain} -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN`,
    ...world.pods
      .filter(({ namespace }) => enforced.includes(namespace))
      .flatMap((pod) => [...podRules(pod, "Ingress"), ...podRules(pod, "Egress")]),
  ];
  return [...declared.map((name) => `:${name} - [0:0]`), ...rules];

  function podRules(pod: WorldPod, direction: "Ingress" | "Egress"): string[] {
    const allowed = allowances(world, pod, direction);
    if (!allowed) return [];
    const name = `${chain}-${direction[0]}-${pod.address.split(".").slice(2).join("-")}`;
    declared.push(name);
    const [own, other] = direction === "Ingress" ? ["-d", "-s"] : ["-s", "-d"];
    return [
      `-A ${chain} ${own} ${pod.address}/32 -j ${name}`,
      `-A ${name} ${other} ${pod.address}/32 -j RETURN`,
      ...allowed.flatMap((allowance) => allowanceRules(allowance, name, other)),
      `-A ${name} -j REJECT --reject-with icmp-admin-prohibited`,
    ];
  }

  function allowanceRules({ addresses, ports }: Allowance, name: string, other: string): string[] {
    const matches = ports?.map(
      ({ protocol, first, last }) =>
        `-p ${protocol.toLowerCase()} -m ${protocol.toLowerCase()} --dport ${first}:${last}`,
    ) ?? [""];
    const blocks = (addresses ?? [{ cidr: "0.0.0.0/0", except: [] }]).flatMap(({ cidr, except }) =>
      except.reduce((rest, part) => rest.flatMap((block) => without(block, part)), [cidr]),
    );
    return blocks.flatMap((block) =>
      matches.map((match) => `-A ${name} ${other} ${block} ${match} -j RETURN`),
    );
  }
}

/** A block of addresses without a part of it, as blocks: iptables knows no exceptions. */
function without(block: string, part: string): string[] {
  const [network = "", length = "32"] = block.split("/");
  const [partNetwork = "", partLength = "32"] = part.split("/");
  if (isIn(part, network) && Number(partLength) <= Number(length)) return [];
  if (!isIn(block, partNetwork)) return [block];
  const parts = network.split(".").map(Number);
  const bit = Number(length);
  const upper = parts.map((value, index) => (index === bit >> 3 ? value | (128 >> (bit % 8)) : value));
  return [network, upper.join(".")].flatMap((half) => without(`${half}/${bit + 1}`, part));
}

/** Milliseconds between two ICMP answers to one address; 1000 is the kernel's default. */
function setAnswerLimit(milliseconds: number): void {
  inside("sh", "-c", `echo ${milliseconds} > /proc/sys/net/ipv4/icmp_ratelimit`);
}

const tryInside = (...command: string[]) =>
  spawnSync("ip", ["netns", "exec", networkNamespace, ...command], { encoding: "utf8" });

function inside(...command: string[]): void {
  const result = tryInside(...command);
  if (result.status !== 0) throw new Error(`${command.join(" ")}: ${result.stderr}`);
}

function restore(lines: string[]): void {
  const input = ["*filter", ...lines, "COMMIT", ""].join("\n");
  const args = ["netns", "exec", networkNamespace, "iptables-restore", "--noflush", "--wait"];
  const result = spawnSync("ip", args, { encoding: "utf8", input });
  if (result.status !== 0) throw new Error(`iptables-restore: ${result.stderr}\n${input}`);
}

import * as fs from "node:fs";
import * as path from "node:path";
import { cacheFolder, withLock, type BuildContext } from "../cache";
import { apiGet, isApiReady, isNodeReady } from "./api";
import { buildPrograms, type NodePrograms } from "./build";
import { createCertificates } from "./certificates";
import { createCgroups } from "./cgroups";
import { writeConfiguration } from "./configuration";
import { commands } from "./daemons";
import { containerdSocket, folders, lockFile, runFolder, addresses, type Folders } from "./layout";
import { createNetwork, refuseForeignNetwork } from "./network";
import { installPackages } from "../packages";
import { importPauseImage } from "./pause";
import { isAlive, readState, refuseEnded, startDaemon, writeState, type NodeState } from "./processes";
import { output, waitFor } from "../run";
import { hasTraces, mountPoints, refuseOtherCache, removeData, removeRuntime } from "./stop";

/** A running one-node Kubernetes on this machine. */
export interface LocalNode {
  /** Path of a kubeconfig with the context flink-kubernetes. */
  kubeconfig: string;
  /** Path of a kubectl of the same version. */
  kubectl: string;
  /** Path of containerd's ctr. */
  ctr: string;
  /** This machine's address for pods. Pod and service addresses are routable from this machine. */
  hostAddress: string;
  /**
   * True if this call restarted a crashed node with its data. Every pod is new, so a Flink job without high
   * availability is lost although its objects exist. Default: false.
   */
  resumed?: boolean;
}

function describe(state: NodeState): LocalNode {
  return {
    kubeconfig: folders(state.cache).kubeconfig,
    kubectl: path.join(state.kubernetes, "kubectl"),
    ctr: path.join(state.containerd, "ctr"),
    hostAddress: addresses.host,
  };
}

async function isHealthy(state: NodeState): Promise<boolean> {
  if (!state.complete || !Object.values(state.processes).every(isAlive)) return false;
  const at = folders(state.cache);
  return (await isApiReady(at)) && (await isNodeReady(at));
}

/** The running node on this machine, if it is healthy. */
export async function runningNode(): Promise<LocalNode | undefined> {
  const state = readState();
  return state && (await isHealthy(state)) ? describe(state) : undefined;
}

/** Prepares startNode, once: Debian packages and compiled programs. Later starts download nothing. */
export async function buildNode(ctx: BuildContext): Promise<NodePrograms> {
  await installPackages(ctx);
  return buildPrograms(ctx);
}

/**
 * Starts the node and waits until it is ready. Returns a healthy node unchanged. Cleans up a crashed or
 * half-started one and starts it again with its data, or without it if this fails.
 */
export async function startNode(ctx: BuildContext): Promise<LocalNode> {
  const programs = await buildNode(ctx);
  const waiting = (owner: string) =>
    ctx.report(`waiting for process ${owner}, which starts or stops the node`);
  return withLock(lockFile, waiting, ctx.signal, async () => {
    refuseOtherCache();
    const state = readState();
    if (state?.key === programs.key && (await isHealthy(state))) return describe(state);
    if (hasTraces()) {
      ctx.report("cleaning up after a node that is not healthy");
      await removeRuntime();
    }
    await refuseForeignNetwork();
    const at = folders();
    const keyFile = path.join(at.node, "data-of");
    const sameVersion = fs.existsSync(keyFile) && fs.readFileSync(keyFile, "utf8") === programs.key;
    const hasData = fs.existsSync(at.etcd) && sameVersion;
    // Data of another version needs no migration, because the stack can be applied again in seconds.
    if (!sameVersion) removeData(cacheFolder());
    fs.mkdirSync(at.node, { recursive: true });
    fs.writeFileSync(keyFile, programs.key);
    try {
      const node = await bringUp(programs, at, ctx);
      return hasData ? { ...node, resumed: true } : node;
    } catch (error) {
      await removeRuntime();
      if (!hasData || ctx.signal.aborted) throw error;
      ctx.report("the node does not come up with its old data; starting with none");
      removeData(cacheFolder());
      return await bringUp(programs, at, ctx).catch(async (again) => {
        await removeRuntime();
        throw again;
      });
    }
  });
}

async function bringUp(programs: NodePrograms, at: Folders, ctx: BuildContext): Promise<LocalNode> {
  const { kubernetes, containerd, key } = programs;
  const state: NodeState = {
    cache: cacheFolder(),
    key,
    kubernetes,
    containerd,
    complete: false,
    processes: {},
  };
  const command = commands(programs, at);
  const start = (...names: (keyof typeof command)[]) =>
    names.forEach((name) => startDaemon(state, name, command[name]));
  /** Waits for a condition, and fails immediately if one of the programs has ended. */
  const until = (what: string, seconds: number, check: () => Promise<boolean> | boolean) =>
    waitFor(what, seconds * 1000, () => (refuseEnded(state), check()), ctx.signal);

  // First, so that a later crash is recognised as ours.
  writeState(state);
  ctx.report("network and certificates");
  createCgroups();
  for (const folder of [at.etcd, at.kubelet, at.podLogs, at.logs, ...mountPoints])
    fs.mkdirSync(folder, { recursive: true });
  fs.chmodSync(at.etcd, 0o700);
  await Promise.all([createNetwork(), createCertificates(at.certificates)]);
  writeConfiguration(at);
  start("mounts");
  await until("the node's mount namespace", 10, () => fs.existsSync(path.join(runFolder, "mounted")));

  ctx.report("API server");
  start("etcd", "apiserver", "containerd");
  await until("containerd", 30, () => fs.existsSync(containerdSocket));
  await importPauseImage(programs, ctx);
  await until("the API server", 120, () => isApiReady(at));

  ctx.report("node");
  const since = new Date(Math.floor(Date.now() / 1000) * 1000);
  start("controller-manager", "scheduler", "kubelet", "proxy", "coredns");
  const objects = path.join(at.configuration, "system.yaml");
  const apply = ["--kubeconfig", at.kubeconfig, "apply", "--server-side", "--force-conflicts", "-f", objects];
  const account = "/api/v1/namespaces/default/serviceaccounts/default";
  await Promise.all([
    until("the node to become ready", 120, () => isNodeReady(at, since)),
    // Pods need this account, so an immediate apply would fail without it.
    until("the default service account", 120, async () => (await apiGet(at, account))?.status === 200),
    output(path.join(kubernetes, "kubectl"), apply),
  ]);
  start("metrics-server");
  writeState({ ...state, complete: true });
  return describe(state);
}

import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { buildOptional, runningNode } from "../../local/node";
import { output, waitFor } from "../../local/run";
import { buildContext } from "./build";

/** Kubernetes versions, beside the local node's own, whose API server can be had. */
export const apiServerVersions = ["1.34", "1.35"] as const;
export type ApiServerVersion = (typeof apiServerVersions)[number];

/** Those that this run is told to try. Each is built on first use, for ten minutes or so. */
export const wantedApiServers = (process.env.FLINK_KUBERNETES_TEST_API_SERVERS ?? "")
  .split(",")
  .filter(Boolean);

/** An API server with its etcd on this machine's loopback, and nothing else: it checks and keeps objects, and runs no pod. */
export interface ApiServer {
  kubeconfig: string;
  /** As it says itself, such as `v1.35.4`. */
  version: string;
  stop(): Promise<void>;
}

export async function startApiServer(minor: ApiServerVersion): Promise<ApiServer> {
  const node = await runningNode();
  if (!node) throw new Error("no local node runs whose etcd could be used (npm start)");
  const program = path.join(await buildOptional(`apiserver-${minor}`, buildContext), "kube-apiserver");
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `apiserver-${minor}-`));
  const at = (name: string) => path.join(folder, name);
  const [clients, peers, port] = [await freePort(), await freePort(), await freePort()];
  const started: ChildProcess[] = [];
  const stop = async () => {
    for (const child of started.reverse()) await end(child);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  const start = (command: string, ...args: string[]) => {
    const log = fs.openSync(at(`${path.basename(command)}.log`), "a");
    const stdio = ["ignore", log, log] as const;
    // Ends with this process, whatever ends it.
    started.push(spawn("setpriv", ["--pdeathsig", "KILL", "--", command, ...args], { stdio: [...stdio] }));
    fs.closeSync(log);
  };

  try {
    await output("openssl", ["genrsa", "-out", at("tokens.key"), "2048"]);
    fs.writeFileSync(at("tokens.csv"), "test,admin,admin,system:masters\n", { mode: 0o600 });
    fs.writeFileSync(at("kubeconfig"), kubeconfigOf(port), { mode: 0o600 });
    const etcd = `http://127.0.0.1:${clients}`;
    start(
      ...([path.join(path.dirname(node.kubectl), "etcd"), `--data-dir=${at("etcd")}`] as const),
      ...[`--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`],
      ...[`--listen-peer-urls=http://127.0.0.1:${peers}`, "--unsafe-no-fsync", "--log-level=warn"],
    );
    start(
      ...([program, `--etcd-servers=${etcd}`, "--bind-address=127.0.0.1", `--secure-port=${port}`] as const),
      // It makes a certificate for itself there.
      ...[`--cert-dir=${at("certificates")}`, `--token-auth-file=${at("tokens.csv")}`],
      ...["--authorization-mode=RBAC", "--service-cluster-ip-range=198.18.144.0/20"],
      ...["--service-account-issuer=https://kubernetes.default.svc.cluster.local"],
      ...[`--service-account-key-file=${at("tokens.key")}`],
      ...[`--service-account-signing-key-file=${at("tokens.key")}`],
    );
    const get = (...args: string[]) =>
      output(node.kubectl, ["--kubeconfig", at("kubeconfig"), "get", ...args]);
    const ready = async () => {
      const ended = started.find(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
      if (ended) throw new Error(`${ended.spawnargs[4]} has ended:\n${lastLines(folder)}`);
      return get("--raw", "/readyz").then(
        () => get("namespace", "default").then(Boolean, () => false),
        () => false,
      );
    };
    await waitFor(`the API server of Kubernetes ${minor}`, 120_000, ready, undefined, 500);
    const { gitVersion } = JSON.parse(await get("--raw", "/version")) as { gitVersion: string };
    return { kubeconfig: at("kubeconfig"), version: gitVersion, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function kubeconfigOf(port: number): string {
  const name = "test";
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: `https://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    users: [{ name, user: { token: "test" } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill();
  const insist = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(insist);
}

function lastLines(folder: string): string {
  const logs = fs.readdirSync(folder).filter((file) => file.endsWith(".log"));
  return logs.map((file) => fs.readFileSync(path.join(folder, file), "utf8").slice(-1000)).join("\n");
}

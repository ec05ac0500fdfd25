import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { prepareFiles } from "../../../components/submitter/files";
import { agentCommand, agentRuns, agentSettings, jobManagerPods, prepareAgent } from "./agent";
import { findCommand, submitterDir } from "./awks";
import { FakeFlink, type FakeJob, type Fault, serve } from "./fake-flink";
import { FakeLedger, type Outcome, type Settings } from "./harness";

interface Deployment {
  annotations: Record<string, string>;
  generation: number;
  available: number;
  /** Its pods' claims, and where they are mounted. */
  claims?: Record<string, string>;
}

/** A namespace with ledgers and a JobManager, and the Job that prepares a change of it. */
export class PrepareWorld {
  readonly flink = new FakeFlink();
  readonly ledgers = new Map<string, FakeLedger>();
  deployment: Deployment | undefined = {
    annotations: { "flink-kubernetes/restart-hash": "old", "flink-kubernetes/rest-scheme": "http" },
    generation: 3,
    available: 1,
  };
  requests: string[] = [];
  fault: (server: "flink" | "kubernetes", method: string, path: string) => Fault = () => undefined;
  private readonly folder = mkdtempSync(path.join(tmpdir(), "prepare-test-"));
  private readonly servers: { close: () => void }[] = [];
  private attempts = 0;
  private flinkPort = 0;
  private kubernetesUrl = "";

  constructor(private readonly awk: string[]) {}

  /** @param tls makes Flink's REST API speak TLS. */
  async start(tls?: https.ServerOptions): Promise<this> {
    await prepareAgent();
    const flink = await serve(
      (method, url, body) => this.flink.handle(method, url, body),
      (method, url) => this.seen("flink", method, url),
      tls,
    );
    const kubernetes = await serve(
      (method, url, body, headers) => this.answer(method, url, body, headers.authorization),
      (method, url) => this.seen("kubernetes", method, url),
    );
    this.servers.push(flink, kubernetes);
    this.flinkPort = flink.port;
    this.kubernetesUrl = kubernetes.url;
    writeFileSync(path.join(this.folder, "token"), "test-token");
    writeFileSync(path.join(this.folder, "ca.crt"), "");
    const program = path.join(this.folder, "program");
    mkdirSync(program);
    for (const file of Object.keys(prepareFiles())) {
      symlinkSync(path.join(submitterDir, file), path.join(program, file));
    }
    const bin = path.join(this.folder, "bin");
    mkdirSync(bin);
    for (const name of [
      "curl",
      "sha256sum",
      "cut",
      "cat",
      "date",
      "tail",
      "head",
      "tr",
      "od",
      "id",
      "getent",
    ]) {
      symlinkSync(findCommand(name) ?? "/missing", path.join(bin, name));
    }
    symlinkSync(this.awk[0], path.join(bin, "awk"));
    const sleep = '#!/bin/bash\nread -rt "0.0$((${1/./} / 2 + 1))" <> <(:)\nexit 0\n';
    writeFileSync(path.join(bin, "sleep"), sleep, { mode: 0o755 });
    return this;
  }

  stop(): void {
    for (const server of this.servers) server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A FlinkJob with its ledger and, unless it is told otherwise, its job running on the JobManager. */
  job(
    name: string,
    { mode = "savepoint", data = {}, job = {} as Partial<FakeJob> | false, cluster = "cluster" } = {},
  ): string {
    const id = this.prefix(name, cluster) + "0".repeat(16);
    const ledger = new FakeLedger();
    ledger.labels = {
      "app.kubernetes.io/instance": cluster,
      "flink-kubernetes/job": name,
      "flink-kubernetes/ledger": "true",
    };
    ledger.annotations = {
      "flink-kubernetes/revision": "rev-a",
      "flink-kubernetes/upgrade-mode": mode,
      "flink-kubernetes/start-timeout": "20",
    };
    ledger.data = { revision: "rev-a", jobId: id, phase: "running", ...data };
    this.ledgers.set(`${cluster}--${name}-ledger`, ledger);
    if (job !== false) this.flink.addJob(id, { state: "RUNNING", running: 2, ...job });
    return id;
  }

  data(name: string): Record<string, string> {
    return this.ledgers.get(`cluster--${name}-ledger`)?.data ?? {};
  }

  private prefix(name: string, cluster: string): string {
    return createHash("sha256").update(`ns/${cluster}/${name}`).digest("hex").slice(0, 16);
  }

  private seen(server: "flink" | "kubernetes", method: string, url: string): Fault {
    this.requests.push(`${method} ${url.split("?")[0]}`);
    return this.fault(server, method, url);
  }

  private answer(method: string, url: string, body: Buffer, authorization: string | undefined) {
    const { pathname, searchParams } = new URL(url, "http://kubernetes");
    const notFound = { status: 404, body: { message: `${pathname} not found` } };
    if (pathname === "/apis/apps/v1/namespaces/ns/deployments/cluster-jobmanager") {
      if (!this.deployment) return notFound;
      const { annotations, generation, available, claims = {} } = this.deployment;
      const status = available > 0 ? { availableReplicas: available } : {};
      const volumes = Object.keys(claims).map((claimName) => ({
        name: `of-${claimName}`,
        persistentVolumeClaim: { claimName },
      }));
      const volumeMounts = Object.entries(claims).map(([claim, mountPath]) => ({
        name: `of-${claim}`,
        mountPath,
      }));
      const tmp = { name: "tmp", emptyDir: {} };
      const containers = [
        { name: "sidecar" },
        { name: "jobmanager", volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, ...volumeMounts] },
      ];
      const spec = { template: { spec: { containers, volumes: [tmp, ...volumes] } } };
      return { status: 200, body: { metadata: { annotations, generation }, spec, status } };
    }
    if (pathname.endsWith("/pods")) {
      return { status: 200, body: jobManagerPods(...(this.deployment ? ["jobmanager-1"] : [])) };
    }
    const name = /^\/api\/v1\/namespaces\/ns\/configmaps(?:\/(.*))?$/.exec(pathname)?.[1];
    if (name !== undefined) {
      return this.ledgers.get(name)?.handle(method, body, authorization) ?? notFound;
    }
    if (!pathname.endsWith("/configmaps")) return notFound;
    const wanted = (searchParams.get("labelSelector") ?? "").split(",").map((pair) => pair.split("="));
    const items = [...this.ledgers]
      .filter(([, { labels }]) => wanted.every(([key, value]) => labels[key!] === value))
      .map(([each, { labels, annotations, data }]) => ({
        metadata: { name: each, labels, annotations },
        data,
      }));
    return { status: 200, body: { kind: "ConfigMapList", metadata: { resourceVersion: "1" }, items } };
  }

  /** Runs one pod of the prepare Job for a change to the restart hash `new`. */
  attempt(settings: Settings = {}): { outcome: Promise<Outcome>; kill: () => void } {
    const home = path.join(this.folder, `attempt-${++this.attempts}`);
    mkdirSync(home);
    const termination = path.join(home, "termination-log");
    writeFileSync(termination, "");
    const script = path.join(this.folder, "program", "prepare.sh");
    const [command, ...before] = agentRuns ? agentCommand(script) : ["/bin/bash", script];
    const child = spawn(command!, before, {
      env: {
        ...(agentRuns ? agentSettings(this.folder) : {}),
        PATH: path.join(this.folder, "bin"),
        TMPDIR: home,
        TERMINATION_LOG: termination,
        CREDENTIALS: this.folder,
        KUBERNETES_URL: this.kubernetesUrl,
        NAMESPACE: "ns",
        FLINK_CLUSTER: "cluster",
        RESTART_HASH: "new",
        JOBMANAGER_DEPLOYMENT: "cluster-jobmanager",
        JOBMANAGER_HOST: "localhost",
        JOBMANAGER_PORT: String(this.flinkPort),
        SAVEPOINT_DIRECTORY: "s3://bucket/savepoints",
        PREPARE_TIMEOUT: "60",
        REACH_TIMEOUT: "1",
        SUBMISSION_UID: "uid-p",
        ...settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let log = "";
    child.stdout.on("data", (chunk: Buffer) => (log += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
    const outcome = new Promise<Outcome>((resolve) =>
      child.on("close", (code, signal) => {
        resolve({ code, signal, message: readFileSync(termination, "utf8"), log });
      }),
    );
    const kill = () =>
      void (child.pid !== undefined && child.exitCode === null && process.kill(-child.pid, "SIGKILL"));
    return { outcome, kill };
  }

  run(settings: Settings = {}): Promise<Outcome> {
    return this.attempt(settings).outcome;
  }
}

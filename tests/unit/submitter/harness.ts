import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import type https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { applicationFiles, launchFiles, pythonFiles } from "../../../components/submitter/files";
import { agentCommand, agentRuns, agentSettings, jobManagerPods, prepareAgent } from "./agent";
import { findCommand, submitterDir } from "./awks";
import { FakeFlink, type Fault, serve } from "./fake-flink";

/** As the program shortens things. */
export function hash(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

/** What the Kubernetes API says of the guard's Deployment. */
export class FakeDeployment {
  status = 200;
  deletionTimestamp?: string;

  handle(): { status: number; body: unknown } {
    const { status, deletionTimestamp } = this;
    if (status !== 200) return { status, body: { message: "no" } };
    return { status, body: { kind: "Deployment", metadata: { name: "guard", deletionTimestamp } } };
  }
}

/** The ledger ConfigMap behind the Kubernetes API: merge patches, refused when the resourceVersion is not the newest. */
export class FakeLedger {
  version = 1;
  data: Record<string, string> | undefined;
  annotations: Record<string, string> = {};
  labels: Record<string, string> = { "app.kubernetes.io/instance": "cluster", "flink-kubernetes/job": "job" };
  writes: Record<string, string>[] = [];
  missing = false;
  /** Called before a write is looked at: another writer may come first. */
  beforeWrite: () => void = () => undefined;

  handle(method: string, body: Buffer, authorization: string | undefined): { status: number; body: unknown } {
    if (authorization !== "Bearer test-token") return { status: 401, body: { message: "Unauthorized" } };
    if (this.missing) return { status: 404, body: { message: 'configmaps "ledger" not found' } };
    if (method === "PATCH") {
      this.beforeWrite();
      const patch = JSON.parse(body.toString()) as {
        metadata: { resourceVersion: string };
        data: Record<string, string | null>;
      };
      if (patch.metadata.resourceVersion !== String(this.version))
        return { status: 409, body: { message: "Conflict" } };
      const merged: Record<string, string | null> = { ...this.data, ...patch.data };
      this.data = Object.fromEntries(
        Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null),
      );
      this.version++;
      this.writes.push(this.data);
    }
    const { annotations, labels } = this;
    const metadata = { name: "ledger", resourceVersion: String(this.version), annotations, labels };
    return { status: 200, body: { kind: "ConfigMap", metadata, ...(this.data ? { data: this.data } : {}) } };
  }
}

export interface Outcome {
  code: number | null;
  signal: string | null;
  message: string;
  log: string;
}

/** A program that runs. */
export interface Guard {
  outcome: Promise<Outcome>;
  /** As SIGKILL does. */
  kill: () => void;
  /** What the pod's preStop hook does. */
  leave: () => void;
  /** Tells it to stop, as Kubernetes does: the hook, then SIGTERM. */
  stop: () => void;
  /** What the readiness probe says. */
  ready: () => boolean;
  /** What the startup probe sees. */
  started: () => boolean;
  log: () => string;
}

export type Settings = Record<string, string>;

const prefix = "00112233aabbccdd";

/** A world of one ledger and one Flink cluster, in which attempts are made. */
export class World {
  readonly flink = new FakeFlink();
  readonly ledger = new FakeLedger();
  readonly deployment = new FakeDeployment();
  readonly prefix = prefix;
  /** Faults by server; may also act, for example kill the attempt that asks. */
  fault: (server: "flink" | "kubernetes", method: string, path: string) => Fault = () => undefined;
  requests: string[] = [];
  private readonly folder = mkdtempSync(path.join(tmpdir(), "submitter-test-"));
  private readonly servers: { close: () => void }[] = [];
  /** Metadata of the JobManager's Deployment. */
  jobManager = { generation: 1, annotations: { "flink-kubernetes/restart-hash": "here" } };
  /** The JobManager's pods. */
  pods = ["jobmanager-1"];
  /** How many pods the workloads have, by what stands before `/scale`. */
  replicas: Record<string, number> = {};
  /** How it answers when it is asked for the nth time, where that is not: that its pod is the newest. */
  rollout: (nth: number) => { status: number; body: object } | undefined = () => undefined;
  private rolloutsAsked = 0;
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
      (method, url, body, headers) =>
        url.includes("/scale")
          ? this.scale(method, url, body)
          : url.includes("/pods?")
            ? { status: 200, body: jobManagerPods(...this.pods) }
            : url.includes("/deployments/guard")
              ? this.deployment.handle()
              : url.includes("/deployments/jobmanager")
                ? this.jobManagerDeployment()
                : this.ledger.handle(method, body, headers.authorization),
      (method, url) => this.seen("kubernetes", method, url),
    );
    this.servers.push(flink, kubernetes);
    this.flinkPort = flink.port;
    this.kubernetesUrl = kubernetes.url;
    this.makePath();
    writeFileSync(path.join(this.folder, "token"), "test-token");
    writeFileSync(path.join(this.folder, "ca.crt"), "");
    writeFileSync(path.join(this.folder, "job.jar"), Buffer.alloc(200_000, "x"));
    const program = path.join(this.folder, "program");
    mkdirSync(program);
    for (const file of Object.keys({ ...applicationFiles(true), ...launchFiles(), ...pythonFiles() })) {
      symlinkSync(path.join(submitterDir, file), path.join(program, file));
    }
    const request = { entryClass: "a.B", programArgsList: ["--x", 'y "z" \\ ü'], parallelism: 2 };
    writeFileSync(path.join(program, "request.json"), JSON.stringify(request));
    return this;
  }

  /** The job that a submission starts, which in the agent goes by the job before, too. */
  idOf(uid: string, before = ""): string {
    return this.prefix + hash(agentRuns ? `${uid}/${before}` : uid, 16);
  }

  stop(): void {
    for (const server of this.servers) server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private scale(method: string, url: string, body: Buffer): { status: number; body: object } {
    const workload = /\/ns\/(\w+\/\w+)\/scale/.exec(url)?.[1] ?? "";
    if (!(workload in this.replicas)) return { status: 404, body: { message: "no" } };
    if (method === "PATCH") {
      this.replicas[workload] = (JSON.parse(body.toString()) as { spec: { replicas: number } }).spec.replicas;
    }
    const replicas = this.replicas[workload];
    // As the API server writes it: what is zero is left out.
    return { status: 200, body: { kind: "Scale", spec: replicas === 0 ? {} : { replicas } } };
  }

  private jobManagerDeployment() {
    const { jobManager: metadata } = this;
    const status = { observedGeneration: metadata.generation, updatedReplicas: 1 };
    return this.rollout(++this.rolloutsAsked) ?? { status: 200, body: { metadata, status } };
  }

  private seen(server: "flink" | "kubernetes", method: string, url: string): Fault {
    this.requests.push(`${method} ${url.split("?")[0]}`);
    return this.fault(server, method, url);
  }

  /** Only what the official images have: bash itself, curl, coreutils, awk, gzip. Pauses are a twentieth, nothing depends on them. */
  private makePath(): void {
    const folder = path.join(this.folder, "bin");
    mkdirSync(folder);
    for (const name of [
      "curl",
      "sha256sum",
      "cut",
      "tail",
      "head",
      "tr",
      "od",
      "date",
      "id",
      "cat",
      "getent",
      "mktemp",
      "rm",
      "wc",
      "gzip",
    ]) {
      symlinkSync(findCommand(name) ?? "/missing", path.join(folder, name));
    }
    symlinkSync(this.awk[0], path.join(folder, "awk"));
    const sleep = '#!/bin/bash\nread -rt "0.0$((${1/./} / 2 + 1))" <> <(:)\nexit 0\n';
    writeFileSync(path.join(folder, "sleep"), sleep, { mode: 0o755 });
  }

  /** A new folder with these files. */
  folderOf(files: { readonly [name: string]: string }): string {
    const folder = mkdtempSync(path.join(this.folder, "files-"));
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    return folder;
  }

  removeCommand(name: string): void {
    rmSync(path.join(this.folder, "bin", name));
  }

  /** What is in the ConfigMap as the body of the run request. */
  setRequest(request: object): void {
    writeFileSync(path.join(this.folder, "program", "request.json"), JSON.stringify(request));
  }

  /** Another entry of the program's ConfigMap. */
  setEntry(name: string, text: string): void {
    writeFileSync(path.join(this.folder, "program", name), text);
  }

  removeEntry(name: string): void {
    rmSync(path.join(this.folder, "program", name));
  }

  /** A command that the pod's image has. */
  addCommand(name: string, script: string): void {
    writeFileSync(path.join(this.folder, "bin", name), script, { mode: 0o755 });
  }

  removeJar(): void {
    rmSync(path.join(this.folder, "job.jar"));
  }

  /** Runs one attempt: a pod of a submission Job. `kill` in the handle ends it as SIGKILL would. */
  attempt(settings: Settings = {}): { outcome: Promise<Outcome>; kill: () => void } {
    return this.runScript("submit.sh", settings);
  }

  /** A pod of the guard, until it is told to stop. */
  guard(settings: Settings = {}): Guard {
    return this.runScript("guard.sh", {
      GUARD_NAME: "guard",
      SUBMISSION_UID: "guard-pod",
      RESTART_HASH: "here",
      ...settings,
    });
  }

  private runScript(script: string, settings: Settings): Guard {
    const home = path.join(this.folder, `attempt-${++this.attempts}`);
    mkdirSync(home);
    const termination = path.join(home, "termination-log");
    writeFileSync(termination, "");
    const file = path.join(this.folder, "program", settings.PROGRAM ?? script);
    const [command, ...before] = agentRuns ? agentCommand(file) : ["/bin/bash", file];
    const child = spawn(command!, [...before, ...(settings.ARGUMENTS?.split(" ") ?? [])], {
      env: {
        ...(agentRuns ? agentSettings(this.folder) : {}),
        PATH: path.join(this.folder, "bin"),
        TMPDIR: home,
        TERMINATION_LOG: termination,
        CREDENTIALS: this.folder,
        KUBERNETES_URL: this.kubernetesUrl,
        NAMESPACE: "ns",
        LEDGER_NAME: "ledger",
        FLINK_CLUSTER: "cluster",
        FLINK_JOB: "job",
        REVISION: "rev-a",
        SUBMISSION_UID: "uid-1",
        JOB_ID_PREFIX: prefix,
        JOBMANAGER_HOST: "localhost",
        JOBMANAGER_DEPLOYMENT: "jobmanager",
        JOBMANAGER_PORT: String(this.flinkPort),
        JAR: path.join(this.folder, "job.jar"),
        IMAGE: "flink:test",
        UPGRADE_MODE: "savepoint",
        FALLBACK: "true",
        ROLLBACK: "true",
        INITIAL_SAVEPOINT: "",
        RESTORE_NONCE: "",
        BOUNDED: "false",
        CHECKPOINT_DIRECTORY: "s3://bucket/checkpoints",
        START_TIMEOUT: agentRuns ? "60" : "20",
        SAVEPOINT_DIRECTORY: "s3://bucket/savepoints",
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
    // The whole process group, as the kernel does it with a container.
    const kill = () =>
      void (
        child.pid !== undefined &&
        child.exitCode === null &&
        child.signalCode === null &&
        process.kill(-child.pid, "SIGKILL")
      );
    const leave = () => writeFileSync(path.join(home, "leaving"), "");
    const stop = () => {
      leave();
      child.kill("SIGTERM");
    };
    const isSomething = (file: string) =>
      existsSync(path.join(home, file)) && statSync(path.join(home, file)).size > 0;
    const ready = () => isSomething("ready");
    const started = () => isSomething("started");
    return { outcome, kill, leave, stop, ready, started, log: () => log };
  }

  run(settings: Settings = {}): Promise<Outcome> {
    return this.attempt(settings).outcome;
  }
}

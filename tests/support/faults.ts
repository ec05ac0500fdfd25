import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import {
  type JobSummary,
  TestStack,
  component,
  core,
  eventually,
  exists,
  fixture,
  flink,
  jobs,
  ledger,
  pods,
  smallCluster,
} from "../cluster/support";
import { hasEnded } from "../../operations/flink";
import { Output, SPLITS, longestGap } from "./counted";
import { FaultProxy } from "./fault-proxy";
import { testImage } from "./image";
import { killPod } from "./kill";
import { type S3Server, startS3 } from "./s3";
import { TestVolume } from "./volume";

/** Short timings of the adaptive scheduler and of heartbeats, by the version's own names. */
export function quickConfig(version: string): Record<string, string> {
  const scheduler = "jobmanager.adaptive-scheduler";
  const heartbeats = { "heartbeat.interval": "3 s", "heartbeat.timeout": "12 s" };
  if (version.startsWith("1.")) {
    return {
      ...heartbeats,
      [`${scheduler}.resource-stabilization-timeout`]: "1 s",
      [`${scheduler}.scaling-interval.min`]: "5 s",
    };
  }
  return {
    ...heartbeats,
    [`${scheduler}.submission.resource-stabilization-timeout`]: "1 s",
    [`${scheduler}.executing.cooldown-after-rescaling`]: "5 s",
    [`${scheduler}.executing.resource-stabilization-timeout`]: "2 s",
  };
}

export interface Setting {
  namespace: string;
  version: string;
  /** With two JobManagers and state on S3; else one JobManager, and state on a shared volume. */
  highAvailability?: boolean;
  /** More arguments of the cluster. */
  cluster?: Record<string, unknown>;
  /** More arguments of the job. */
  job?: Record<string, unknown>;
}

/** What one fault did. */
export interface Measured {
  what: string;
  /** Longest time in which nothing was counted (of what was committed). */
  gap: number;
  /** From the beginning until one job was seen to run in full, with further output. */
  seconds: number;
}

/** The usual program, with a proxy between the jobs and their cluster. */
const faultsProgram = fixture("faults");

/** One cluster with one job that counts, to which things happen. */
export class Faulted {
  readonly namespace: string;
  readonly stack: TestStack;
  version: string;
  readonly job = "counting";
  readonly measured: Measured[] = [];
  proxy!: FaultProxy;
  image = "";
  /** Jobs on the cluster that are none of ours. */
  readonly strangers = new Set<string>();
  /** On every line that the latest revision writes. */
  label = 0;
  private s3: S3Server | undefined;
  volume: TestVolume | undefined;
  /** What was last brought up. */
  jobArgs: Record<string, unknown> = {};
  private clusterArgs: Record<string, unknown> = {};
  private folder = "";
  output!: Output;

  get highAvailability(): boolean {
    return this.setting.highAvailability ?? false;
  }

  constructor(private readonly setting: Setting) {
    this.stack = new TestStack(setting.namespace, faultsProgram);
    this.namespace = setting.namespace;
    this.version = setting.version;
  }

  /** Makes what the cluster needs, and brings up the cluster and the job. */
  async start(): Promise<void> {
    const { namespace } = this;
    this.image = await testImage(this.version);
    this.proxy = await new FaultProxy(() => this.jobManagers()).start();
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    if (this.setting.highAvailability) {
      this.s3 = await startS3();
      const stringData = { access: this.s3.accessKey, secret: this.s3.secretKey };
      await core.createNamespacedSecret({ namespace, body: { metadata: { name: "s3" }, stringData } });
    } else {
      this.volume = new TestVolume(core, `faults-${namespace}`);
      await this.volume.make();
    }
    this.anew();
    await this.up();
    await this.settled();
  }

  async stop(): Promise<void> {
    this.proxy?.heal();
    try {
      if (await exists(() => core.readNamespace({ name: this.namespace }))) await this.stack.down();
    } finally {
      await core.deleteNamespace({ name: this.namespace }).catch(() => undefined);
      await this.volume?.remove();
      await this.s3?.stop();
      this.proxy?.stop();
    }
  }

  /** From here on the job writes to another folder: it is to begin from nothing. */
  anew(): void {
    this.folder = `numbers-${createHash("sha256").update(`${this.folder}+`).digest("hex").slice(0, 6)}`;
    this.output = new Output(this.folderOf(this.folder));
  }

  /** A folder of the cluster's storage, as this machine sees it. */
  folderOf(name: string): string {
    return path.join(this.s3?.directory ?? this.volume!.directory, name);
  }

  /** The same, as Flink does. */
  uriOf(name: string): string {
    return `${this.s3 ? `s3://${this.s3.bucket}` : "file:///flink-storage"}/${name}`;
  }

  /** Arguments of the cluster. */
  cluster(): Record<string, unknown> {
    const small = smallCluster(this.namespace);
    const { highAvailability } = this.setting;
    const storage = this.s3
      ? {
          directory: `s3://${this.s3.bucket}/state`,
          s3: {
            endpoint: this.s3.endpoint,
            accessKey: { name: "s3", key: "access" },
            secretKey: { name: "s3", key: "secret" },
          },
        }
      : this.volume!.storage;
    return {
      ...small,
      namespace: { name: this.namespace, create: false },
      flinkVersion: this.version,
      image: this.image,
      jobManager: {
        ...(small.jobManager as object),
        memory: "1g",
        ...(highAvailability ? { replicas: 2 } : {}),
      },
      taskManager: { ...(small.taskManager as object), memory: "1200m", slots: 2, replicas: 2 },
      storage,
      checkpointing: { interval: "1 s" },
      ...(highAvailability ? { highAvailability: {} } : {}),
      config: quickConfig(this.version),
      ...this.setting.cluster,
    };
  }

  /** Brings up what there was, with these changes; arguments in `program` go to the program of the job. */
  async up(
    change: {
      cluster?: Record<string, unknown>;
      job?: Record<string, unknown>;
      program?: string[];
      jobs?: unknown[];
    } = {},
  ): Promise<void> {
    this.clusterArgs = { ...this.cluster(), ...change.cluster };
    this.jobArgs = {
      name: this.job,
      jar: "/opt/flink/usrlib/counting.jar",
      entryClass: "flink.kubernetes.tests.Splits",
      parallelism: 2,
      startTimeout: 120,
      ...this.setting.job,
      ...change.job,
      arguments: [
        ...["--output", this.uriOf(this.folder), "--label", String(this.label)],
        ...(change.program ?? []),
      ],
    };
    const { host, port } = this.proxy;
    await this.stack.up({
      cluster: this.clusterArgs,
      jobs: change.jobs ?? [this.jobArgs],
      proxy: { host, port },
    });
  }

  /** Brings up a new revision. */
  async upgrade(change: Parameters<Faulted["up"]>[0] = {}): Promise<void> {
    this.label++;
    await this.up(change);
  }

  ledger(): Promise<Record<string, string>> {
    return ledger(this.namespace, `hello--${this.job}-ledger`);
  }

  /** Jobs, whatever their ids, that have not ended. */
  async active(): Promise<JobSummary[]> {
    const all = await jobs(this.namespace);
    return all.filter(({ jid, state }) => !hasEnded(state) && !this.strangers.has(jid));
  }

  /** Until one job runs in full and is the one that the ledger names, and has written on, every number once. Gives its id. */
  async settled(seconds = 150): Promise<string> {
    const id = await eventually("one job that runs, as the ledger says", seconds, async () => {
      const [data, active] = [await this.ledger(), await this.active()];
      const truth = `ledger ${JSON.stringify(data)}, jobs ${JSON.stringify(active.map(({ jid, state }) => [jid, state]))}`;
      assert.equal(data.phase, "running", truth);
      assert.deepEqual(
        active.map(({ jid }) => jid),
        [data.jobId],
        truth,
      );
      assert.ok(await this.everyTaskRuns(data.jobId!), `not every task runs; ${truth}`);
      return data.jobId;
    });
    const since = Date.now();
    await eventually("further numbers in every split", 60, async () => {
      const fresh = new Set(
        this.output
          .rows()
          .filter(({ at }) => at > since)
          .map(({ split }) => split),
      );
      return fresh.size === SPLITS ? true : undefined;
    });
    await this.intact();
    return id;
  }

  /** Every number stands in the output once. Tasks show what they wrote one a little before the other. */
  async intact(): Promise<void> {
    await eventually("every number once", 30, async () => {
      assert.deepEqual(this.output.problems(), []);
      return true;
    });
  }

  async everyTaskRuns(id: string): Promise<boolean> {
    const job = await flink<{
      state: string;
      vertices: { parallelism: number; tasks: { RUNNING: number } }[];
    }>(this.namespace, `/jobs/${id}`);
    return (
      job.state === "RUNNING" && job.vertices.every(({ parallelism, tasks }) => tasks.RUNNING === parallelism)
    );
  }

  /** Does something to the job, sees that all is well again, and notes how long it was not. */
  async survives(what: string, disturb: () => Promise<unknown>, seconds?: number): Promise<string> {
    const start = Date.now();
    await disturb();
    const id = await this.settled(seconds);
    this.note(what, start);
    return id;
  }

  note(what: string, start: number): void {
    const gap = longestGap(this.output.rows(), start);
    const measured = { what, gap, seconds: (Date.now() - start) / 1000 };
    this.measured.push(measured);
    console.log(
      `      Flink ${this.version}: ${what}: counted nothing for ${gap.toFixed(1)} s, seen whole after ${measured.seconds.toFixed(1)} s`,
    );
  }

  /** Where the JobManager pods listen. */
  private async jobManagers(): Promise<string[]> {
    const all = await pods(this.namespace, component("jobmanager"));
    const up = all.filter(({ metadata, status }) => status?.podIP && !metadata?.deletionTimestamp);
    return up.map(({ status }) => `${status!.podIP}:8081`);
  }

  /** Name of the pod of the job that does its work now: a submission, unless a part of its command line says otherwise. */
  async worker(program = "submit.sh"): Promise<string> {
    const all = await pods(this.namespace, { "flink-kubernetes/job": this.job });
    const running = all.filter(
      ({ status, spec }) =>
        status?.phase === "Running" && spec!.containers[0]!.command?.some((word) => word.endsWith(program)),
    );
    assert.equal(running.length, 1, `one pod runs ${program}`);
    return running[0]!.metadata!.name!;
  }

  /** Ends the submission that runs at this moment, hard. */
  async killSubmission(): Promise<void> {
    killPod(await this.worker(), /submit\.sh/);
  }

  /** Ends the guard of the job, hard. */
  async killGuard(): Promise<void> {
    killPod(await this.worker("guard.sh"), /guard\.sh/);
  }

  killJobManager(pod: string): void {
    killPod(pod, /java/);
  }

  /** Name of the JobManager pod that leads: with high availability, the one whose address stands in a ConfigMap. */
  async leader(): Promise<string> {
    const { namespace } = this;
    return eventually("a leader", 60, async () => {
      const maps = (await core.listNamespacedConfigMap({ namespace })).items;
      const map = maps.find(({ metadata }) => metadata!.name!.endsWith("-cluster-config-map"));
      const address = /\/\/([0-9.]+):8081/.exec(JSON.stringify(map?.data ?? {}))?.[1];
      const all = await pods(namespace, component("jobmanager"));
      return all.find(({ status }) => status?.podIP === address)?.metadata!.name;
    });
  }

  /** From now on the cluster is to be of another version. */
  async moveTo(version: string): Promise<void> {
    this.image = await testImage(version);
    this.version = version;
  }

  /** Makes the volume ready for the claim of a new cluster. */
  async renewVolume(): Promise<void> {
    await this.volume?.release();
    await this.volume?.make();
  }

  /** URI of the savepoint that was completed last. */
  newestSavepoint(): string {
    const root = this.folderOf("savepoints");
    const complete = fs
      .readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((file) => path.basename(file) === "_metadata")
      .map((file) => ({ file, at: fs.statSync(path.join(root, file)).mtimeMs }))
      .sort((a, b) => a.at - b.at);
    assert.ok(complete.length > 0, "there is a savepoint");
    return this.uriOf(`savepoints/${path.dirname(complete.at(-1)!.file)}`);
  }

  /** Until the savepoint that the ledger says is being taken lies in the storage as a whole. */
  async savepointComplete(): Promise<void> {
    await eventually("the savepoint", 60, async () => {
      const { target } = await this.ledger();
      const folder = this.folderOf(target!.replace(/^(file:\/+flink-storage|s3:\/\/[^/]+)\//, ""));
      const files = fs.existsSync(folder)
        ? fs.readdirSync(folder, { recursive: true, encoding: "utf8" })
        : [];
      return files.some((file) => file.endsWith("_metadata")) ? true : undefined;
    });
  }

  async killed(role: "jobmanager" | "taskmanager"): Promise<string> {
    const name = await this.podOf(role);
    killPod(name, /java/);
    return name;
  }

  /** Name of a pod of this role; of a TaskManager, if there is one, that has a part of the job: another one would not be missed. */
  async podOf(role: "jobmanager" | "taskmanager"): Promise<string> {
    const all = await pods(this.namespace, component(role));
    const address = role === "taskmanager" ? await this.busyAddress().catch(() => undefined) : undefined;
    const busy = all.find(({ status }) => address !== undefined && status?.podIP === address) ?? all[0];
    return busy!.metadata!.name!;
  }

  private async busyAddress(): Promise<string | undefined> {
    const { jobId } = await this.ledger();
    const { vertices } = await flink<{ vertices: { id: string }[] }>(this.namespace, `/jobs/${jobId}`);
    const { taskmanagers } = await flink<{ taskmanagers: { host?: string; endpoint?: string }[] }>(
      this.namespace,
      `/jobs/${jobId}/vertices/${vertices[0]!.id}/taskmanagers`,
    );
    return taskmanagers.map(({ host, endpoint }) => (endpoint ?? host)!.split(":")[0])[0];
  }

  /** Prints what a person would look at after a failure. */
  async describe(): Promise<void> {
    const { namespace } = this;
    const text = async (what: () => Promise<unknown>) => {
      const found = await what().catch((error: Error) => error.message);
      return typeof found === "string" ? found : JSON.stringify(found);
    };
    console.log(`--- ledger ${await text(() => this.ledger())}`);
    console.log(`--- jobs ${await text(async () => (await jobs(namespace)).slice(0, 5))}`);
    console.log(`--- requests ${this.proxy.requests.slice(-25).join(", ")}`);
    for (const { metadata, status } of (await core.listNamespacedPod({ namespace })).items) {
      const name = metadata!.name!;
      const tail = await text(() => core.readNamespacedPodLog({ namespace, name, tailLines: 15 }));
      const short = tail.split("\n").map((line) => line.slice(0, 250));
      console.log(`--- ${name} ${status?.phase}\n${short.join("\n")}`);
    }
  }
}

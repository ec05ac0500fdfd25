import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AppsV1Api,
  AutoscalingV2Api,
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  type V1ConfigMap,
  type V1Pod,
} from "@kubernetes/client-node";
import type { StepEventMetadata } from "@pulumi/pulumi/automation";
import type { Context } from "mocha";
import {
  engineDown,
  type EngineOptions,
  enginePreview,
  engineRefresh,
  engineUp,
  type Result,
} from "../../local/engine";
import { placesOf } from "../../local/engine/workspace";
import type { ProgramRun } from "../../recorder";
import { configOf, recorder, testEngine } from "../support/engine";
import { projectDir } from "../support/project";

/** The local node that `npm test` started; tests in this folder are not run without it. */
export const kubeconfig = process.env.FLINK_KUBERNETES_TEST_KUBECONFIG ?? "";
const image = process.env.FLINK_KUBERNETES_TEST_IMAGE ?? "";

/** Skips a suite, saying why, when it is run by hand without the node. */
export function needsNode(context: Context): void {
  if (kubeconfig !== "") return;
  console.log("      skipped: FLINK_KUBERNETES_TEST_KUBECONFIG is not set; run it with `npm test -- FILE`");
  context.skip();
}

export const config = new KubeConfig();
if (kubeconfig !== "") config.loadFromFile(kubeconfig);
else
  config.loadFromClusterAndUser(
    { name: "none", server: "http://127.0.0.1:1", skipTLSVerify: false },
    { name: "none" },
  );
export const core = config.makeApiClient(CoreV1Api);
export const apps = config.makeApiClient(AppsV1Api);
export const batch = config.makeApiClient(BatchV1Api);
export const autoscaling = config.makeApiClient(AutoscalingV2Api);

/** Arguments of a small FlinkCluster, as a stack's configuration has them. */
export function smallCluster(namespace: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: "hello",
    namespace: { name: namespace, protect: false },
    flinkVersion: "2.2.1",
    image,
    jobManager: { memory: "900m", cpu: { request: "100m", limit: "1" }, ephemeralStorage: "512Mi" },
    taskManager: {
      memory: "1g",
      slots: 2,
      replicas: 1,
      cpu: { request: "100m", limit: "1" },
      ephemeralStorage: "512Mi",
    },
    config: {
      "jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling": "5s",
      "jobmanager.adaptive-scheduler.executing.resource-stabilization-timeout": "2s",
      "jobmanager.adaptive-scheduler.submission.resource-stabilization-timeout": "1s",
    },
    ...more,
  };
}

export function helloWorld(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: "hello-world",
    jar: "/opt/flink/usrlib/hello-world.jar",
    entryClass: "flink.kubernetes.examples.HelloWorld",
    arguments: ["--rate", "5"],
    parallelism: 6,
    ...more,
  };
}

/** The real program with this configuration, to be recorded. */
export function programOf(values: Record<string, unknown>): ProgramRun {
  const config = configOf(projectDir, values);
  return { projectDir, project: "flink-kubernetes", stack: "test", config, secretConfigKeys: [] };
}

/** One stack of a program, brought up by the Pulumi engine, with its state in a folder of its own. */
export class TestStack {
  /** The folder of states: made when it is needed first. */
  private states: string | undefined;
  private isShared = false;
  private recorded = recorder();
  /** What the engine said, for assertions on messages. */
  readonly log: string[] = [];
  /** Whether `up` previews first, as `npm start` does. That costs five seconds of CPU. */
  previewsFirst = false;

  constructor(
    readonly namespace: string,
    readonly program: string = projectDir,
    /** The cluster; default the local node. */
    readonly server: string = kubeconfig,
    /** Its name for Pulumi. */
    readonly name: string = namespace,
  ) {}

  /** Has its state beside that of a stack that is up, whose outputs its program reads. */
  beside(other: TestStack): void {
    this.states = other.states;
    this.isShared = true;
  }

  /** What the latest operation changed, or would change: `operation Kind name`, in order. */
  get changes(): string[] {
    return this.recorded.changes();
  }

  /** What the latest operation did to every resource, in order. */
  get steps(): StepEventMetadata[] {
    return this.recorded.steps();
  }

  /** As the engine's functions want it; what is recorded begins anew. */
  async options(
    values: Record<string, unknown> = {},
    more: Partial<EngineOptions> = {},
  ): Promise<EngineOptions> {
    this.states ??= fs.mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-states-"));
    this.recorded = recorder();
    const recorded = this.recorded;
    return {
      engine: await testEngine(),
      projectDir: this.program,
      stack: this.name,
      states: this.states,
      kubeconfig: this.server,
      signal: new AbortController().signal,
      previewFirst: this.previewsFirst,
      ...more,
      config: { ...configOf(this.program, values), ...more.config },
      onEvent: (event) => {
        recorded.onEvent(event);
        if (event.type === "log") this.log.push(event.message);
        more.onEvent?.(event);
      },
      onEngineEvent: (event) => {
        recorded.onEngineEvent(event);
        more.onEngineEvent?.(event);
      },
    };
  }

  async up(values: Record<string, unknown>, more: Partial<EngineOptions> = {}): Promise<Result> {
    return engineUp(await this.options(values, more));
  }

  /** Changes nothing. */
  async preview(values: Record<string, unknown>, more: Partial<EngineOptions> = {}): Promise<Result> {
    return enginePreview(await this.options(values, more));
  }

  /** Reads every object from the cluster: `changes` are what is not as it was. */
  async refresh(values: Record<string, unknown> = {}): Promise<Result> {
    return engineRefresh(await this.options(values));
  }

  /** Removes the stack; when that has succeeded, its state, too. */
  async down(more: Partial<EngineOptions> = {}): Promise<void> {
    if (this.states === undefined) return;
    await engineDown(await this.options({}, more));
    this.forget();
  }

  /** Forgets its state, whatever is there. */
  forget(): void {
    if (this.states === undefined || this.isShared) return;
    fs.rmSync(this.states, { recursive: true, force: true });
    this.states = undefined;
  }

  /** The state as it lies on the disk. */
  async state(): Promise<string> {
    return fs.readFileSync((await placesOf(await this.options())).state, "utf8");
  }
}

/** How much longer than on an idle machine something may take before it is given up. */
const patience = 3;

/** Tries `look` until it gives something other than undefined, for so many seconds of an idle machine; its last complaint is the error. */
export async function eventually<T>(
  what: string,
  seconds: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const limit = patience * seconds;
  const deadline = Date.now() + limit * 1000;
  let problem: unknown;
  while (Date.now() < deadline) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      problem = undefined;
    } catch (error) {
      problem = error;
    }
    await sleep(200);
  }
  throw new Error(`not within ${limit} s: ${what}${problem ? ` (${String(problem)})` : ""}`);
}

export async function pods(namespace: string, labels: Record<string, string>): Promise<V1Pod[]> {
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  return (await core.listNamespacedPod({ namespace, labelSelector })).items;
}

export function component(name: string, cluster = "hello"): Record<string, string> {
  return { "app.kubernetes.io/instance": cluster, "app.kubernetes.io/component": name };
}

/** Lines that a pod printed and that match. */
export async function printed(namespace: string, pod: string, pattern: RegExp): Promise<string[]> {
  const log = await core.readNamespacedPodLog({ namespace, name: pod });
  return log.split("\n").filter((line) => pattern.test(line));
}

/** Asks a cluster's REST API, over its Service. */
export async function flink<T>(namespace: string, route: string, cluster = "hello"): Promise<T> {
  const service = await core.readNamespacedService({ namespace, name: `${cluster}-rest` });
  const answer = await fetch(`http://${service.spec!.clusterIP!}:8081${route}`, {
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`${route}: HTTP ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

export interface JobSummary {
  jid: string;
  state: string;
}

/** Jobs that the cluster knows, ended ones too. */
export async function jobs(namespace: string, cluster = "hello"): Promise<JobSummary[]> {
  return (await flink<{ jobs: JobSummary[] }>(namespace, "/jobs/overview", cluster)).jobs;
}

export async function ledger(
  namespace: string,
  name = "hello--hello-world-ledger",
): Promise<Record<string, string>> {
  const map: V1ConfigMap = await core.readNamespacedConfigMap({ namespace, name });
  return map.data ?? {};
}

/** Number of running subtasks of a job. */
export async function runningTasks(namespace: string, jid: string, cluster = "hello"): Promise<number> {
  const job = await flink<{ vertices: { tasks: { RUNNING: number } }[] }>(namespace, `/jobs/${jid}`, cluster);
  return job.vertices.reduce((sum, vertex) => sum + vertex.tasks.RUNNING, 0);
}

export async function exists(read: () => Promise<unknown>): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (error) {
    if ((error as { code?: number }).code === 404) return false;
    throw error;
  }
}

export const fixture = (name: string): string => path.join(__dirname, "programs", name);

import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasEnded } from "../../../operations/flink";
import { type Change, kindOf, objectAt, textAt } from "../../../preview/normal";
import { Cluster } from "../../../operations/kubernetes";
import { apps, core, eventually, kubeconfig } from "../../cluster/support";
import type { StackModel } from "../../preview/support/model";
import { Refused, Rest } from "./rest";

export function namespaceOf({ cluster, application }: StackModel): string | undefined {
  return (cluster ?? application)?.namespace?.name as string | undefined;
}

/** Names of the jobs, and how many tasks of a kind each wants. */
function wantedJobs({ jobs = {}, cluster, application }: StackModel): Map<string, number> {
  const all = application ? { orders: application } : cluster ? jobs : {};
  const { slots = 1, replicas } = (cluster ?? application)?.taskManager ?? {};
  const most = Number(slots) * Number(replicas ?? 2);
  return new Map(
    Object.entries(all).map(([name, { parallelism }]) => [name, Math.min(Number(parallelism), most)]),
  );
}

/** A job as it is at one moment. */
export interface JobSeen {
  id: string;
  /** When its youngest task was started, in milliseconds of the epoch. */
  started: number;
  /** What it was restored from, as Flink says it; empty: nothing. Of a job without checkpoints it does not say. */
  restored: string | undefined;
  /** As its ledger says it. */
  restoredFrom: string;
}

/** A stack that has come to rest. */
export interface AtRest {
  jobs: Map<string, JobSeen>;
  /** UIDs of the pods by component. */
  pods: Map<string, Set<string>>;
  savepoints: Set<string>;
}

export interface Seen extends AtRest {
  /** UIDs of the objects of a change, by the change's URN. */
  objects: Map<string, string>;
}

export const components = ["jobmanager", "taskmanager", "sql-gateway"] as const;

/** Long enough for Flink to see another number of TaskManagers, and to act on it. */
const QUIET = 6000;

/** Waits until everything runs as it should, and stays so for a while. */
export async function atRest(model: StackModel, volume: string): Promise<AtRest> {
  const namespace = namespaceOf(model);
  if (namespace === undefined) return { jobs: new Map(), pods: new Map(), savepoints: savepointsIn(volume) };
  let last = "";
  let since = 0;
  const found = await eventually("a stack that has come to rest", 120, async () => {
    const [before, at] = [last, Date.now()];
    last = "";
    const found = { pods: await podsOf(namespace), jobs: await jobsOf(model, namespace) };
    last = JSON.stringify([
      [...found.jobs].map(([name, { id, started }]) => [name, id, started]),
      [...found.pods].map(([name, all]) => [name, [...all].sort()]),
    ]);
    if (last !== before) since = at;
    return Date.now() - since >= QUIET ? found : undefined;
  });
  return { ...found, savepoints: savepointsIn(volume) };
}

async function podsOf(namespace: string): Promise<Map<string, Set<string>>> {
  const all = (await core.listNamespacedPod({ namespace })).items;
  const { items } = await apps.listNamespacedDeployment({ namespace });
  for (const { metadata, spec, status } of items) {
    const { updatedReplicas = 0, replicas = 0, readyReplicas = 0, observedGeneration } = status!;
    const counts = [updatedReplicas, replicas, readyReplicas];
    if (observedGeneration !== metadata!.generation || counts.some((count) => count !== spec!.replicas))
      throw new Error(`${metadata!.name} is not as it should be: ${counts.join(", ")} of ${spec!.replicas}`);
  }
  const found = new Map<string, Set<string>>();
  for (const component of components) {
    const own = all.filter(({ metadata }) => metadata!.labels?.["app.kubernetes.io/component"] === component);
    if (own.some(({ metadata }) => metadata!.deletionTimestamp))
      throw new Error(`a pod of ${component} ends`);
    found.set(component, new Set(own.map(({ metadata }) => metadata!.uid!)));
  }
  return found;
}

interface Details {
  state: string;
  vertices: { parallelism: number; "start-time": number; tasks: { RUNNING: number } }[];
}
interface Checkpoints {
  counts: { completed: number };
  latest?: { restored: { external_path: string } | null };
}

async function jobsOf(model: StackModel, namespace: string): Promise<Map<string, JobSeen>> {
  const rest = new Rest(namespace);
  const found = new Map<string, JobSeen>();
  const checkpoints = (model.cluster ?? model.application)?.checkpointing !== undefined;
  for (const [name, tasks] of wantedJobs(model)) {
    const { data = {} } = await core.readNamespacedConfigMap({ namespace, name: `orders--${name}-ledger` });
    const { phase, jobId: id = "", restoredFrom = "" } = data;
    if (phase !== "running") throw new Error(`the ledger of ${name} says ${phase}: ${data.message ?? ""}`);
    const { state, vertices } = await rest.get<Details>(`/jobs/${id}`);
    const most = Math.max(...vertices.map(({ parallelism }) => parallelism));
    if (state !== "RUNNING" || vertices.some((vertex) => vertex.tasks.RUNNING !== vertex.parallelism))
      throw new Error(`not every task of ${name} runs: it is ${state}`);
    if (most !== tasks) throw new Error(`${name} runs with ${most} tasks, not with ${tasks}`);
    const { latest, counts } = await checkpointsOf(rest, id);
    if (checkpoints && counts.completed === 0) throw new Error(`${name} has not completed a checkpoint`);
    const restored = latest && (latest.restored?.external_path ?? "");
    const started = Math.max(...vertices.map((vertex) => vertex["start-time"]));
    found.set(name, { id, started, restored, restoredFrom });
  }
  return found;
}

/** Flink knows nothing of checkpoints of a job that has none. */
async function checkpointsOf(rest: Rest, id: string): Promise<Checkpoints> {
  try {
    return await rest.get<Checkpoints>(`/jobs/${id}/checkpoints`);
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error;
    return { counts: { completed: 1 } };
  }
}

/** Of every Kubernetes object that the changes name, as far as it is there. */
export async function uids(
  changes: readonly Change[],
  side: "before" | "after",
): Promise<Map<string, string>> {
  const cluster = new Cluster({ kubeconfig });
  const found = new Map<string, string>();
  try {
    for (const change of changes) {
      const inputs = change[side];
      const kind = kindOf(change.type);
      if (inputs === undefined || kind === undefined) continue;
      const { apiVersion, metadata } = inputs;
      const [name, namespace] = ["name", "namespace"].map((key) => textAt(objectAt(metadata), key));
      const at = { apiVersion: String(apiVersion), kind, name: name!, ...(namespace ? { namespace } : {}) };
      const object = await cluster.get(at, new AbortController().signal);
      if (object) found.set(change.urn, object.metadata.uid as string);
    }
  } finally {
    cluster.close();
  }
  return found;
}

function savepointsIn(volume: string): Set<string> {
  const files = fs.existsSync(volume) ? fs.readdirSync(volume, { recursive: true, encoding: "utf8" }) : [];
  return new Set(
    files.filter((file) => /(^|\/)savepoints\/.*\/_metadata$/.test(file)).map((file) => path.dirname(file)),
  );
}

/** Notes, while a change is made, what Flink says of its jobs. */
export class Watch {
  /** The last state of each job. */
  readonly states = new Map<string, string>();
  private readonly end = new AbortController();
  private readonly looking: Promise<void>;

  constructor(namespace: string | undefined) {
    this.looking = namespace === undefined ? Promise.resolve() : this.look(new Rest(namespace));
  }

  private async look(rest: Rest): Promise<void> {
    while (!this.end.signal.aborted) {
      try {
        const { jobs } = await rest.get<{ jobs: { jid: string; state: string }[] }>("/jobs/overview");
        for (const { jid, state } of jobs) this.states.set(jid, state);
      } catch {
        // There is no JobManager at this moment.
      }
      await sleep(300, undefined, { signal: this.end.signal }).catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    this.end.abort();
    await this.looking;
  }
}

export const isActive = (state: string | undefined): boolean => state !== undefined && !hasEnded(state);

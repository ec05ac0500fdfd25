import { ledgerLabel, jobLabel, objectLabels } from "../components/names";
import type { Cluster, KubernetesObject } from "./kubernetes";

/** A job's ledger in a readable form. */
export interface Ledger {
  job: string;
  cluster: string;
  namespace: string;
  /** Name of the ConfigMap. */
  name: string;
  /** The revision of the program; `revision` is the one that runs, or ran last. */
  wanted: string;
  revision: string;
  phase: string;
  jobId: string;
  message: string;
  restoredFrom: string;
  savepoint: string;
  checkpoint: string;
  paused: boolean;
  states: State[];
  data: Record<string, string>;
}

/** A savepoint or checkpoint of a job that probably still exists. */
export interface State {
  kind: string;
  /** Creation time, in seconds since 1970. */
  made: number;
  path: string;
}

/** The ledgers of a cluster's jobs, sorted by the jobs' names. */
export async function readLedgers(
  api: Cluster,
  namespace: string,
  cluster: string,
  signal: AbortSignal,
): Promise<Ledger[]> {
  const instance = objectLabels(cluster)["app.kubernetes.io/instance"];
  const labels = `app.kubernetes.io/instance=${instance},${ledgerLabel}`;
  const maps = await api.list("v1", "ConfigMap", namespace, labels, signal);
  return maps.map(readLedger).sort((a, b) => (a.job < b.job ? -1 : 1));
}

export function readLedger(map: KubernetesObject): Ledger {
  const data = (map.data ?? {}) as Record<string, string>;
  const labels = (map.metadata.labels ?? {}) as Record<string, string>;
  const annotations = (map.metadata.annotations ?? {}) as Record<string, string>;
  return {
    job: labels[jobLabel] ?? "",
    cluster: labels["app.kubernetes.io/instance"] ?? "",
    namespace: map.metadata.namespace ?? "",
    name: map.metadata.name,
    wanted: annotations["flink-kubernetes/revision"] ?? "",
    revision: data.revision ?? "",
    phase: data.phase ?? "",
    jobId: data.jobId ?? "",
    message: data.message ?? "",
    restoredFrom: data.restoredFrom ?? "",
    savepoint: data.savepoint ?? "",
    checkpoint: data.checkpoint ?? "",
    paused: data.paused === "true",
    states: readStates(data.states ?? ""),
    data,
  };
}

function readStates(text: string): State[] {
  return text
    .split("\n")
    .map((line) => /^(\S+) (\d+) (\S.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, kind, made, path]) => ({ kind: kind!, made: Number(made), path: path! }));
}

/** Directories of manual and periodic savepoints (savepoint_folder in stop.sh). */
const onPurpose = /\/(manual|periodic)-[^/]+\/[^/]+$/;

/**
 * States that no start, no rollback and no running job needs. `gc` disposes of them.
 *
 * @param all also manual and periodic savepoints
 */
export function unneededStates(ledger: Ledger, all = false): State[] {
  const { savepoint, checkpoint, restoredFrom, data } = ledger;
  const needed = new Set([savepoint, checkpoint, restoredFrom, data.previousSavepoint, data.target]);
  // Flink itself disposes of a running job's checkpoints.
  const own = ledger.jobId === "" ? undefined : `/${ledger.jobId}/`;
  return ledger.states.filter(
    ({ kind, path }) =>
      !needed.has(path) &&
      !(kind === "checkpoint" && own !== undefined && path.includes(own)) &&
      (all || !onPurpose.test(path)),
  );
}

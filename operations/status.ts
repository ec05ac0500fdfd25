import type { FlinkApi, Lag, RunningJob } from "./flink";
import { hasEnded } from "./flink";
import type { Ledger } from "./ledgers";

/** The status of a cluster's jobs. */
export interface Status {
  /** The context of the kubeconfig, if named. */
  context?: string;
  cluster: string;
  namespace: string;
  jobs: JobStatus[];
  /** Jobs on the cluster without a ledger. */
  orphans: RunningJob[];
  /** Why the cluster did not answer. The ledgers are shown anyway. */
  unreachable?: string;
}

export interface JobStatus {
  name: string;
  /** The phase in the ledger, or `paused`. */
  phase: string;
  /** Flink's state of the job; empty if the cluster does not know it. */
  state: string;
  jobId: string;
  revision: string;
  /** Whether the program has another revision than the running one. */
  outdated: boolean;
  tasks?: { running: number; total: number };
  started?: number;
  lastCheckpoint?: number;
  /** Number of restarts since its submission. */
  restarts?: number;
  /** Absent where no source knows it. */
  lag?: Lag;
  restoredFrom: string;
  savepoint: string;
  message: string;
}

export async function statusOf(
  cluster: string,
  namespace: string,
  ledgers: Ledger[],
  flink: FlinkApi,
): Promise<Status> {
  let known: RunningJob[] = [];
  let unreachable: string | undefined;
  try {
    known = await flink.jobs();
  } catch (error) {
    unreachable = (error as Error).message;
  }
  const jobs = await Promise.all(ledgers.map((ledger) => jobStatus(ledger, known, flink)));
  const named = new Set(ledgers.map(({ jobId }) => jobId));
  const orphans = known.filter(({ jobId, state }) => !named.has(jobId) && !hasEnded(state));
  return { cluster, namespace, jobs, orphans, ...(unreachable === undefined ? {} : { unreachable }) };
}

async function jobStatus(ledger: Ledger, known: RunningJob[], flink: FlinkApi): Promise<JobStatus> {
  const running = known.find(({ jobId }) => jobId === ledger.jobId);
  const runs = running !== undefined && !hasEnded(running.state);
  const [last, restarts, lag] = runs
    ? await Promise.all([
        flink.lastCheckpoint(ledger.jobId).catch(() => undefined),
        flink.restarts(ledger.jobId).catch(() => undefined),
        flink.lag(ledger.jobId).catch(() => undefined),
      ])
    : [];
  return {
    name: ledger.job,
    phase: ledger.paused ? "paused" : ledger.phase || "not started",
    state: running?.state ?? "",
    jobId: ledger.jobId,
    revision: ledger.revision,
    outdated: ledger.wanted !== ledger.revision,
    ...(running ? { tasks: running.tasks, started: running.started } : {}),
    ...(last === undefined ? {} : { lastCheckpoint: last }),
    ...(restarts === undefined ? {} : { restarts }),
    ...(lag === undefined ? {} : { lag }),
    restoredFrom: ledger.restoredFrom,
    savepoint: ledger.savepoint,
    message: ledger.message,
  };
}

/** The status as a table for a terminal, followed by problems. */
export function describeStatus(status: Status, now = Date.now() / 1000): string {
  const { context, cluster, namespace, jobs, orphans, unreachable } = status;
  const rows = jobs.map((job) => [
    job.name,
    job.phase,
    job.state || "-",
    job.tasks ? `${job.tasks.running}/${job.tasks.total}` : "-",
    job.started === undefined ? "-" : ago(now - job.started),
    job.lastCheckpoint === undefined ? "-" : `${ago(now - job.lastCheckpoint)} ago`,
    job.restarts === undefined ? "-" : String(job.restarts),
    job.lag === undefined ? "-" : `${job.lag.exact ? "" : ">="}${job.lag.records}`,
    `${job.revision || "-"}${job.outdated ? " *" : ""}`,
    job.jobId || "-",
  ]);
  const header = [
    "JOB",
    "LEDGER",
    "FLINK",
    "TASKS",
    "SINCE",
    "CHECKPOINT",
    "RESTARTS",
    "LAG",
    "REVISION",
    "JOB ID",
  ];
  const where = context === undefined ? "" : `, context ${context}`;
  const lines = [`Cluster ${cluster} in namespace ${namespace}${where}`, ""];
  lines.push(...(jobs.length === 0 ? ["It has no jobs."] : table([header, ...rows])));
  const notes = jobs.flatMap((job) => [
    ...(job.outdated ? [`${job.name}: * the program asks for another revision; bring the stack up`] : []),
    ...(job.message === "" ? [] : [`${job.name}: ${job.message}`]),
    ...(job.phase === "paused" && job.savepoint !== ""
      ? [`${job.name}: its state is in ${job.savepoint}`]
      : []),
  ]);
  if (unreachable !== undefined) notes.push(`The cluster does not answer: ${unreachable}`);
  for (const orphan of orphans) {
    notes.push(`No ledger names job ${orphan.jobId} ("${orphan.name}"), which is ${orphan.state}`);
  }
  return [...lines, ...(notes.length > 0 ? ["", ...notes] : [])].join("\n");
}

export function table(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}

export function ago(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole}s`;
  if (whole < 7200) return `${Math.round(whole / 60)}m`;
  return whole < 172_800 ? `${Math.round(whole / 3600)}h` : `${Math.round(whole / 86_400)}d`;
}

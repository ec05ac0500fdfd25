import { restServiceName } from "../components/kubernetes/services";
import { ports } from "../components/names";
import { ApiError, type Cluster } from "./kubernetes";

/** A job as the cluster's REST API lists it. */
export interface RunningJob {
  jobId: string;
  name: string;
  state: string;
  /** Seconds since 1970. */
  started: number;
  tasks: { running: number; total: number };
}

/** Records that the sources of a job have not read yet. */
export interface Lag {
  records: number;
  /** False when a source only says how far its slowest partition is behind: there are at least so many. */
  exact: boolean;
}

interface Overview {
  jobs: {
    jid: string;
    name: string;
    state: string;
    "start-time": number;
    tasks: { total: number; running: number };
  }[];
}

/** Flink's REST API, through the Kubernetes API server. The right to `services/proxy` replaces a tunnel. */
export class FlinkApi {
  /** `http` or `https`, once the cluster has answered. */
  scheme: string | undefined;

  constructor(
    private readonly api: Cluster,
    private readonly namespace: string,
    private readonly cluster: string,
    private readonly signal: AbortSignal,
  ) {}

  async get<T>(path: string): Promise<T> {
    const schemes = this.scheme === undefined ? ["http", "https"] : [this.scheme];
    let failure: unknown;
    for (const scheme of schemes) {
      const service = `${scheme}:${restServiceName(this.cluster)}:${ports.rest}`;
      const url = `/api/v1/namespaces/${this.namespace}/services/${service}/proxy${path}`;
      try {
        const answer = await this.api.request("GET", url, { signal: this.signal });
        this.scheme = scheme;
        return answer as T;
      } catch (error) {
        failure = error;
        if (!(error instanceof ApiError) || error.status < 500) break;
      }
    }
    throw failure;
  }

  async jobs(): Promise<RunningJob[]> {
    const { jobs } = await this.get<Overview>("/jobs/overview");
    return jobs.map((job) => ({
      jobId: job.jid,
      name: job.name,
      state: job.state,
      started: Math.round(job["start-time"] / 1000),
      tasks: { running: job.tasks.running, total: job.tasks.total },
    }));
  }

  /** Completion time of the newest checkpoint of a job, in seconds since 1970. */
  async lastCheckpoint(jobId: string): Promise<number | undefined> {
    interface Checkpoints {
      latest?: { completed?: { latest_ack_timestamp?: number } | null };
    }
    const { latest } = await this.get<Checkpoints>(`/jobs/${jobId}/checkpoints`);
    const at = latest?.completed?.latest_ack_timestamp;
    return at === undefined ? undefined : Math.round(at / 1000);
  }

  /** Number of restarts of a job since its submission. */
  async restarts(jobId: string): Promise<number | undefined> {
    const [metric] = await this.get<{ value?: string }[]>(`/jobs/${jobId}/metrics?get=numRestarts`);
    return metric?.value === undefined ? undefined : Number(metric.value);
  }

  /** How far a job is behind, where a source of it knows: those for Kafka and some others do. */
  async lag(jobId: string): Promise<Lag | undefined> {
    interface Details {
      plan: { nodes: { id: string; inputs?: unknown[] }[] };
    }
    const { plan } = await this.get<Details>(`/jobs/${jobId}`);
    const sources = plan.nodes.filter(({ inputs = [] }) => inputs.length === 0);
    const known = await Promise.all(sources.map(({ id }) => this.lagOfSource(jobId, id)));
    const lags = known.filter((lag) => lag !== undefined);
    if (lags.length === 0) return undefined;
    return {
      records: lags.reduce((sum, { records }) => sum + records, 0),
      exact: lags.every(({ exact }) => exact),
    };
  }

  private async lagOfSource(jobId: string, vertex: string): Promise<Lag | undefined> {
    const path = `/jobs/${jobId}/vertices/${vertex}/subtasks/metrics`;
    const ids = (await this.get<{ id: string }[]>(path)).map(({ id }) => id);
    const values = async (name: string, agg: "sum" | "max") => {
      const wanted = ids.filter((id) => id === name || id.endsWith(`.${name}`));
      if (wanted.length === 0) return [];
      const query = `get=${wanted.map(encodeURIComponent).join(",")}&agg=${agg}`;
      const found = await this.get<{ sum?: number | string; max?: number | string }[]>(`${path}?${query}`);
      // Kafka's client says NaN until it has read something.
      return found.map((metric) => Number(metric[agg])).filter((value) => value >= 0);
    };
    const pending = await values("pendingRecords", "sum");
    if (pending.length > 0) return { records: pending.reduce((sum, value) => sum + value), exact: true };
    const largest = await values("records-lag-max", "max");
    return largest.length === 0 ? undefined : { records: Math.max(...largest), exact: false };
  }
}

/** Whether this state of a job is terminal. */
export function hasEnded(state: string): boolean {
  return ["FINISHED", "FAILED", "CANCELED"].includes(state);
}

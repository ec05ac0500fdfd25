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

interface Overview {
  jobs: {
    jid: string;
    name: string;
    state: string;
    "start-time": number;
    tasks: { total: number; running: number };
  }[];
}

/** Flink's REST API, through the Kubernetes API server: whoever may use `services/proxy` needs no tunnel. */
export class FlinkApi {
  private scheme: string | undefined;

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

  /** When the newest checkpoint of a job was complete, in seconds since 1970. */
  async lastCheckpoint(jobId: string): Promise<number | undefined> {
    interface Checkpoints {
      latest?: { completed?: { latest_ack_timestamp?: number } | null };
    }
    const { latest } = await this.get<Checkpoints>(`/jobs/${jobId}/checkpoints`);
    const at = latest?.completed?.latest_ack_timestamp;
    return at === undefined ? undefined : Math.round(at / 1000);
  }

  /** How often Flink has started a job again since its submission. */
  async restarts(jobId: string): Promise<number | undefined> {
    const [metric] = await this.get<{ value?: string }[]>(`/jobs/${jobId}/metrics?get=numRestarts`);
    return metric?.value === undefined ? undefined : Number(metric.value);
  }
}

/** Whether Flink has done with a job in this state. */
export function hasEnded(state: string): boolean {
  return ["FINISHED", "FAILED", "CANCELED"].includes(state);
}

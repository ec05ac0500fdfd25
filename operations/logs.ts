import { jobLabel } from "../components/names";
import type { KubernetesObject } from "./kubernetes";
import type { FlinkApi } from "./flink";

/** A pod with log messages about a job. */
export interface LogSource {
  pod: string;
  container: string;
  /** Its role for the job. */
  what: string;
}

/**
 * The pods of the submission and the guard of a job, the JobManagers, and the TaskManagers that run its
 * tasks. All TaskManagers if Flink does not answer.
 */
export async function logSources(
  job: string,
  jobId: string,
  pods: KubernetesObject[],
  flink: FlinkApi,
): Promise<LogSource[]> {
  const hosts = await taskManagers(jobId, flink).catch(() => undefined);
  return pods
    .map((pod) => sourceOf(pod, job, hosts))
    .filter((source) => source !== undefined)
    .sort((a, b) => (`${a.what} ${a.pod}` < `${b.what} ${b.pod}` ? -1 : 1));
}

function sourceOf(pod: KubernetesObject, job: string, hosts: Set<string> | undefined): LogSource | undefined {
  const labels = (pod.metadata.labels ?? {}) as Record<string, string>;
  const { podIP, phase } = (pod.status ?? {}) as { podIP?: string; phase?: string };
  if (phase === "Pending") return undefined;
  const what = labels["app.kubernetes.io/component"] ?? "";
  const [first] = (pod.spec as { containers: { name: string }[] }).containers;
  const source = { pod: pod.metadata.name, container: first!.name, what };
  if (labels[jobLabel] !== undefined) return labels[jobLabel] === job ? source : undefined;
  if (what === "jobmanager") return source;
  return what === "taskmanager" && (hosts === undefined || hosts.has(podIP ?? "")) ? source : undefined;
}

/** Addresses of the TaskManagers with tasks of a job. */
async function taskManagers(jobId: string, flink: FlinkApi): Promise<Set<string>> {
  interface Details {
    vertices: { id: string }[];
  }
  interface Managers {
    taskmanagers: { endpoint?: string; host?: string }[];
  }
  const { vertices } = await flink.get<Details>(`/jobs/${jobId}`);
  const found = await Promise.all(
    vertices.map(({ id }) => flink.get<Managers>(`/jobs/${jobId}/vertices/${id}/taskmanagers`)),
  );
  const hosts = found.flatMap(({ taskmanagers }) =>
    taskmanagers.map(({ endpoint, host }) => (endpoint ?? host ?? "").replace(/:\d+$/, "")),
  );
  return new Set(hosts.filter((host) => host !== ""));
}

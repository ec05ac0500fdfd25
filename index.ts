import { FlinkCluster, FlinkJob } from "./components/index";
import { stackConfig } from "./config";

const config = stackConfig();

const cluster = new FlinkCluster(config.cluster.name, config.cluster.args);

const running = config.jobs.map(({ name, args }) => {
  const job = new FlinkJob(name, { ...args, cluster: cluster.connection });
  return [name, { jobId: job.jobId, revision: job.revision, phase: job.phase, webUrl: job.webUrl }] as const;
});

export const namespace = cluster.namespace;
export const restUrl = cluster.restUrl;
export const jobManagerMemory = cluster.jobManagerMemory;
export const taskManagerMemory = cluster.taskManagerMemory;
export const jobs = Object.fromEntries(running);

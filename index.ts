import { FlinkApplication, FlinkCluster, FlinkJob } from "./components/index";
import { type ApplicationConfig, type ClusterConfig, stackConfig } from "./config";

/** What a stack shows of a job. */
function describe({ jobId, revision, phase, webUrl }: FlinkJob | FlinkApplication) {
  return { jobId, revision, phase, webUrl };
}

function deployCluster({ cluster: { name, args }, jobs: list }: ClusterConfig) {
  const flink = new FlinkCluster(name, args);
  const jobs = list.map((job) => {
    const running = new FlinkJob(job.name, { ...job.args, cluster: flink.connection });
    return [job.name, describe(running)] as const;
  });
  return { flink, jobs: Object.fromEntries(jobs) };
}

function deployApplication({ application: { name, args } }: ApplicationConfig) {
  const flink = new FlinkApplication(name, args);
  return { flink, jobs: { [name]: describe(flink) } };
}

const config = stackConfig();
const deployed = "application" in config ? deployApplication(config) : deployCluster(config);

export const namespace = deployed.flink.namespace;
export const restUrl = deployed.flink.restUrl;
export const jobManagerMemory = deployed.flink.jobManagerMemory;
export const taskManagerMemory = deployed.flink.taskManagerMemory;
export const jobs = deployed.jobs;

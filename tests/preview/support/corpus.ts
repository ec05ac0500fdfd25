import type { FlinkClusterArgs } from "../../../components/args/cluster";
import { secret, type StackModel } from "./stack";

const cluster: FlinkClusterArgs = {
  flinkVersion: "2.2.1",
  taskManager: { memory: "4g", slots: 2, replicas: 3, cpu: { request: "1", limit: "2" } },
  storage: { directory: "s3://state/orders" },
  checkpointing: { interval: "1 min" },
};

const enrich = { jar: "/opt/flink/usrlib/enrich.jar", entryClass: "com.example.Enrich", parallelism: 4 };

/** What most changes begin with: one cluster, one job, no high availability. */
const base: StackModel = { cluster, jobs: { enrich } };
const available: StackModel = {
  ...base,
  cluster: { ...cluster, highAvailability: {}, jobManager: { replicas: 2 } },
};
const application: StackModel = {
  application: {
    ...cluster,
    jar: "/opt/flink/usrlib/enrich.jar",
    entryClass: "com.example.Enrich",
    parallelism: 4,
  },
};

interface CorpusChange {
  from?: StackModel;
  to: StackModel;
}

function withCluster(model: StackModel, args: Partial<FlinkClusterArgs>): StackModel {
  return { ...model, cluster: { ...model.cluster!, ...args } };
}

function withJob(model: StackModel, args: object): StackModel {
  return { ...model, jobs: { ...model.jobs, enrich: { ...model.jobs!.enrich!, ...args } } };
}

const worker = cluster.taskManager!;
const lastState = withJob(base, { upgradeMode: "lastState" });
const unguarded = withJob(base, { guard: false });

/** By the name of the file with the report that is expected. */
export const corpus: Record<string, CorpusChange> = {
  "one-more-slot": { to: withCluster(base, { taskManager: { ...worker, slots: 3 } }) },
  "one-more-task-manager": { to: withCluster(base, { taskManager: { ...worker, replicas: 4 } }) },
  "too-few-task-managers": { to: withCluster(base, { taskManager: { ...worker, replicas: 1 } }) },
  "more-memory": { to: withCluster(base, { taskManager: { ...worker, memory: "8g" } }) },
  "job-manager-memory": { to: withCluster(base, { jobManager: { memory: "2g" } }) },
  "job-manager-memory-available": {
    from: available,
    to: withCluster(available, { jobManager: { replicas: 2, memory: "2g" } }),
  },
  "one-more-job-manager": { from: available, to: withCluster(available, { jobManager: { replicas: 3 } }) },
  "another-option": { to: withCluster(base, { config: { "table.exec.state.ttl": "1 d" } }) },
  "another-option-available": {
    from: available,
    to: withCluster(available, { config: { "table.exec.state.ttl": "1 d" } }),
  },
  "checkpoint-interval": { to: withCluster(base, { checkpointing: { interval: "30 s" } }) },
  "no-checkpoints": { to: withCluster(base, { checkpointing: undefined }) },
  "patch-release": {
    from: withCluster(base, { flinkVersion: "1.20.4" }),
    to: withCluster(base, { flinkVersion: "1.20.5" }),
  },
  "minor-version-available": { from: available, to: withCluster(available, { flinkVersion: "2.3.0" }) },
  "another-image": { to: withCluster(base, { image: "registry.example.com/orders/flink:2.2.1-8" }) },
  "storage-moved": { to: withCluster(base, { storage: { directory: "s3://state/elsewhere" } }) },
  "autoscaling-on": {
    to: withCluster(base, {
      taskManager: { ...worker, replicas: undefined },
      autoscaling: { minReplicas: 2, maxReplicas: 6 },
    }),
  },
  "high-availability-on": { to: withCluster(base, { highAvailability: {} }) },
  "secret-option": {
    from: withCluster(base, { config: { "s3.secret-key": secret("first") } }),
    to: withCluster(base, { config: { "s3.secret-key": secret("second") } }),
  },
  "job-arguments": { to: withJob(base, { arguments: ["--rate", "2"] }) },
  "job-jar-last-state": {
    from: lastState,
    to: withJob(lastState, { jar: "/opt/flink/usrlib/enrich-2.jar" }),
  },
  "job-parallelism": { to: withJob(base, { parallelism: 6 }) },
  "job-becomes-stateless": { to: withJob(base, { upgradeMode: "stateless", arguments: ["--new"] }) },
  "job-from-savepoint": {
    to: withJob(base, { initialSavepoint: "s3://state/savepoint-1", restoreNonce: "1" }),
  },
  "job-from-nothing": { to: withJob(base, { restoreNonce: "1" }) },
  "job-without-fallback": { to: withJob(base, { fallback: false, arguments: ["--new"] }) },
  "job-added": {
    to: { ...base, jobs: { enrich, report: { jar: "/opt/flink/usrlib/report.jar", parallelism: 1 } } },
  },
  "job-removed": { to: { ...base, jobs: {} } },
  "job-removed-unguarded": { from: unguarded, to: { ...base, jobs: {} } },
  "guard-off": { to: unguarded },
  "namespace-renamed": { to: withCluster(base, { namespace: { name: "elsewhere" } }) },
  "namespace-unprotected": { to: withCluster(base, { namespace: { protect: false } }) },
  "namespace-deleted": {
    from: withCluster(base, { namespace: { protect: false } }),
    to: {},
  },
  "sql-gateway": { to: withCluster(base, { sqlGateway: {} }) },
  "sql-gateway-memory": {
    from: withCluster(base, { sqlGateway: {} }),
    to: withCluster(base, { sqlGateway: { memory: "2g" } }),
  },
  "egress-closed": { to: withCluster(base, { network: { egress: [] } }) },
  "network-policies-off": { to: withCluster(base, { network: { policies: false } }) },
  "tls-off": {
    from: withCluster(base, { tls: { internal: { certManager: {} }, rest: { certManager: {} } } }),
    to: base,
  },
  "application-image": {
    from: application,
    to: { application: { ...application.application!, image: "registry.example.com/orders/flink:2.2.1-8" } },
  },
  "application-parallelism": {
    from: application,
    to: { application: { ...application.application!, parallelism: 6 } },
  },
  "new-stack": { from: {}, to: base },
  "nothing-changes": { to: base },
};

export const corpusBase = base;

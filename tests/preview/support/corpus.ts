import * as pulumi from "@pulumi/pulumi";
import type { FlinkApplicationArgs } from "../../../components/args/application";
import type { FlinkClusterArgs } from "../../../components/args/cluster";
import type { SqlGatewayArgs } from "../../../components/args/sql-gateway";
import type { StorageArgs } from "../../../components/args/storage";
import type { TlsArgs } from "../../../components/args/tls";
import type { FlinkJobArgs } from "../../../components/args/job";
import type { StackModel } from "./model";

type JobArgs = Omit<FlinkJobArgs, "cluster">;
type ApplicationJobArgs = Pick<FlinkApplicationArgs, "jar" | "entryClass" | "parallelism">;

/** What the changes are made of: on paper anything, on a node what it has. */
export interface Material {
  cluster: FlinkClusterArgs;
  job: JobArgs & ApplicationJobArgs;
  /** A second job. */
  report: JobArgs;
  /** Arguments of a cluster of another version. */
  version(flinkVersion: string): Partial<FlinkClusterArgs>;
  patchRelease: [from: string, to: string];
  minorVersion: [from: string, to: string];
  checkpointInterval: string;
  taskManagerMemory: string;
  jobManagerMemory: string;
  sqlGateway: SqlGatewayArgs;
  sqlGatewayMemory: string;
  image: string;
  jar: string;
  savepoint: string;
  storage: StorageArgs;
  namespace: string;
  tls: TlsArgs;
  secret(value: string): pulumi.Input<string>;
}

export interface CorpusChange {
  from: StackModel;
  to: StackModel;
}

/** The changes of the corpus, by the name of the file with the report that is expected, and what most of them begin with. */
export function corpusOf(material: Material): { base: StackModel; changes: Record<string, CorpusChange> } {
  const { cluster, job } = material;
  /** One cluster, one job, no high availability. */
  const base: StackModel = { cluster, jobs: { enrich: job } };
  const available = withCluster(base, {
    highAvailability: {},
    jobManager: { ...cluster.jobManager, replicas: 2 },
  });
  const { jar, entryClass, parallelism } = job;
  const application: StackModel = { application: { ...cluster, jar, entryClass, parallelism } };
  const worker = cluster.taskManager!;
  const [slots, replicas] = [Number(worker.slots), Number(worker.replicas)];
  const oneDay = { config: { ...cluster.config, "table.exec.state.ttl": "1 d" } };
  const lastState = withJob(base, { upgradeMode: "lastState" });
  const unguarded = withJob(base, { guard: false });
  const unprotected = withCluster(base, { namespace: { ...cluster.namespace, protect: false } });
  const version = (model: StackModel, flinkVersion: string) =>
    withCluster(model, material.version(flinkVersion));
  const withSecret = (value: string) =>
    withCluster(base, { config: { ...cluster.config, "s3.secret-key": material.secret(value) } });
  const gateway = withCluster(base, { sqlGateway: material.sqlGateway });
  const [oldPatch, newPatch] = material.patchRelease;
  const [oldMinor, newMinor] = material.minorVersion;
  const oldAvailable = version(available, oldMinor);

  const changes: Record<string, Partial<CorpusChange> & { to: StackModel }> = {
    "one-more-slot": { to: withCluster(base, { taskManager: { ...worker, slots: slots + 1 } }) },
    "one-more-task-manager": {
      to: withCluster(base, { taskManager: { ...worker, replicas: replicas + 1 } }),
    },
    "too-few-task-managers": { to: withCluster(base, { taskManager: { ...worker, replicas: 1 } }) },
    "more-memory": {
      to: withCluster(base, { taskManager: { ...worker, memory: material.taskManagerMemory } }),
    },
    "job-manager-memory": { to: withJobManager(base, { memory: material.jobManagerMemory }) },
    "job-manager-memory-available": {
      from: available,
      to: withJobManager(available, { memory: material.jobManagerMemory }),
    },
    "one-more-job-manager": { from: available, to: withJobManager(available, { replicas: 3 }) },
    "another-option": { to: withCluster(base, oneDay) },
    "another-option-available": { from: available, to: withCluster(available, oneDay) },
    "checkpoint-interval": {
      to: withCluster(base, { checkpointing: { interval: material.checkpointInterval } }),
    },
    "checkpoint-interval-available": {
      from: available,
      to: withCluster(available, { checkpointing: { interval: material.checkpointInterval } }),
    },
    "no-checkpoints": { to: withCluster(base, { checkpointing: undefined }) },
    "patch-release": { from: version(base, oldPatch), to: version(base, newPatch) },
    "minor-version-available": { from: oldAvailable, to: version(oldAvailable, newMinor) },
    "another-image": { to: withCluster(base, { image: material.image }) },
    "storage-moved": { to: withCluster(base, { storage: material.storage }) },
    "autoscaling-on": {
      to: withCluster(base, {
        taskManager: { ...worker, replicas: undefined },
        autoscaling: { minReplicas: 2, maxReplicas: 6 },
      }),
    },
    "high-availability-on": { to: withCluster(base, { highAvailability: {} }) },
    "secret-option": { from: withSecret("first"), to: withSecret("second") },
    "job-arguments": { to: withJob(base, { arguments: ["--rate", "2"] }) },
    "job-jar-last-state": { from: lastState, to: withJob(lastState, { jar: material.jar }) },
    "job-parallelism": { to: withJob(base, { parallelism: 6 }) },
    "job-becomes-stateless": { to: withJob(base, { upgradeMode: "stateless", arguments: ["--rate", "3"] }) },
    "job-from-savepoint": {
      to: withJob(base, { initialSavepoint: material.savepoint, restoreNonce: "1" }),
    },
    // Another than in the change before it: a job remembers the last one that it began anew for.
    "job-from-nothing": { to: withJob(base, { restoreNonce: "2" }) },
    "job-without-fallback": { to: withJob(base, { fallback: false, arguments: ["--rate", "3"] }) },
    "job-added": { to: { ...base, jobs: { enrich: job, report: material.report } } },
    "job-renamed": { to: { ...base, jobs: { enriched: job } } },
    "job-removed": { to: { ...base, jobs: {} } },
    "job-removed-unguarded": { from: unguarded, to: { ...base, jobs: {} } },
    "guard-off": { to: unguarded },
    "namespace-renamed": {
      to: withCluster(base, { namespace: { ...cluster.namespace, name: material.namespace } }),
    },
    "namespace-unprotected": { to: unprotected },
    "namespace-deleted": { from: unprotected, to: {} },
    "sql-gateway": { to: gateway },
    "sql-gateway-memory": {
      from: gateway,
      to: withCluster(base, { sqlGateway: { ...material.sqlGateway, memory: material.sqlGatewayMemory } }),
    },
    "egress-closed": { to: withCluster(base, { network: { egress: [] } }) },
    "network-policies-off": { to: withCluster(base, { network: { policies: false } }) },
    "tls-off": { from: withCluster(base, { tls: material.tls }), to: base },
    "application-image": {
      from: application,
      to: { application: { ...application.application!, image: material.image } },
    },
    "application-parallelism": {
      from: application,
      to: { application: { ...application.application!, parallelism: 6 } },
    },
    "new-stack": { from: {}, to: base },
    "nothing-changes": { to: base },
  };
  return {
    base,
    changes: Object.fromEntries(
      Object.entries(changes).map(([name, { from = base, to }]) => [name, { from, to }]),
    ),
  };
}

function withCluster(model: StackModel, args: Partial<FlinkClusterArgs>): StackModel {
  return { ...model, cluster: { ...model.cluster!, ...args } };
}

function withJobManager(model: StackModel, args: FlinkClusterArgs["jobManager"]): StackModel {
  return withCluster(model, { jobManager: { ...model.cluster!.jobManager, ...args } });
}

function withJob(model: StackModel, args: Partial<JobArgs>): StackModel {
  return { ...model, jobs: { ...model.jobs, enrich: { ...model.jobs!.enrich!, ...args } } };
}

const onPaper = corpusOf({
  cluster: {
    flinkVersion: "2.2.1",
    taskManager: { memory: "4g", slots: 2, replicas: 3, cpu: { request: "1", limit: "2" } },
    storage: { directory: "s3://state/orders" },
    checkpointing: { interval: "1 min" },
  },
  job: { jar: "/opt/flink/usrlib/enrich.jar", entryClass: "com.example.Enrich", parallelism: 4 },
  report: { jar: "/opt/flink/usrlib/report.jar", parallelism: 1 },
  version: (flinkVersion) => ({ flinkVersion }),
  patchRelease: ["1.20.4", "1.20.5"],
  minorVersion: ["2.2.1", "2.3.0"],
  checkpointInterval: "30 s",
  taskManagerMemory: "8g",
  jobManagerMemory: "2g",
  sqlGateway: {},
  sqlGatewayMemory: "2g",
  image: "registry.example.com/orders/flink:2.2.1-8",
  jar: "/opt/flink/usrlib/enrich-2.jar",
  savepoint: "s3://state/savepoint-1",
  storage: { directory: "s3://state/elsewhere" },
  namespace: "elsewhere",
  tls: { internal: { certManager: {} }, rest: { certManager: {} } },
  secret: (value) => pulumi.secret(value),
});

export const corpus = onPaper.changes;
export const corpusBase = onPaper.base;

/**
 * Explanations of the options that change most often, for reviewers who do not have Flink's documentation at
 * hand.
 */
const meanings: Record<string, string> = {
  "execution.checkpointing.interval":
    "time from one checkpoint to the next: what is read again after a failure",
  "execution.checkpointing.min-pause": "shortest time between the end of a checkpoint and the next",
  "execution.checkpointing.timeout": "a checkpoint that takes longer is given up",
  "execution.checkpointing.mode": "whether records may be counted twice after a failure",
  "execution.checkpointing.dir": "where checkpoints are written",
  "execution.checkpointing.savepoint-dir": "where savepoints are written",
  "execution.checkpointing.incremental": "a checkpoint writes only what changed since the last",
  "execution.checkpointing.num-retained": "number of checkpoints that are kept",
  "execution.checkpointing.unaligned.enabled": "checkpoints overtake records under backpressure",
  "execution.checkpointing.tolerable-failed-checkpoints": "checkpoints that may fail before the job does",
  "execution.checkpointing.externalized-checkpoint-retention":
    "what becomes of a cancelled job's checkpoints",
  "state.checkpoints.dir": "where checkpoints are written",
  "state.savepoints.dir": "where savepoints are written",
  "state.backend.type": "where a job keeps its state while it runs",
  "state.backend": "where a job keeps its state while it runs",
  "state.backend.incremental": "a checkpoint writes only what changed since the last",
  "state.checkpoints.num-retained": "number of checkpoints that are kept",
  "table.exec.state.ttl": "state of SQL that is not touched for this long is forgotten",
  "pipeline.max-parallelism":
    "largest parallelism that state can ever be spread over; a change loses the state",
  "pipeline.object-reuse": "records are passed on without a copy",
  "parallelism.default": "parallelism of jobs that name none",
  "taskmanager.numberOfTaskSlots": "tasks that a TaskManager runs beside each other",
  "taskmanager.memory.process.size": "all memory of a TaskManager's process",
  "taskmanager.memory.managed.size": "memory of a TaskManager for RocksDB, sorting and Python",
  "taskmanager.memory.managed.fraction": "part of a TaskManager's memory for RocksDB, sorting and Python",
  "taskmanager.memory.network.fraction": "part of a TaskManager's memory for records on their way",
  "taskmanager.memory.task.heap.size": "heap of a TaskManager for the job's own code",
  "jobmanager.memory.process.size": "all memory of the JobManager's process",
  "jobmanager.scheduler": "how slots are given to jobs",
  "jobmanager.rpc.address": "host under which TaskManagers reach the JobManager",
  "high-availability.type": "who keeps what a JobManager must remember",
  "high-availability": "who keeps what a JobManager must remember",
  "high-availability.storageDir": "where a JobManager keeps what the next one needs",
  "high-availability.cluster-id": "name under which JobManagers find each other's data",
  "kubernetes.cluster-id": "name under which JobManagers find each other's data",
  "restart-strategy.type": "when a job that fails is started again",
  "security.ssl.internal.enabled": "TLS between Flink's own processes",
  "security.ssl.rest.enabled": "TLS on the REST API and the web UI",
  "security.ssl.rest.authentication-enabled": "the REST API wants a client certificate",
  "web.submit.enable": "jars can be uploaded through the REST API",
  "web.cancel.enable": "jobs can be cancelled in the web UI",
  "metrics.reporters": "where metrics are sent or offered",
  "env.java.opts.all": "flags of every JVM",
};

/** Topics of options by prefix, for options without an explanation; the first match wins. */
const subjects: readonly [prefix: string, about: string][] = [
  ["security.ssl.internal.", "TLS between Flink's own processes"],
  ["security.ssl.rest.", "TLS on the REST API and the web UI"],
  ["security.ssl.", "TLS"],
  ["execution.checkpointing.", "checkpoints"],
  ["execution.", "how jobs are executed"],
  ["state.backend.rocksdb.", "RocksDB, which keeps a job's state while it runs"],
  ["state.", "a job's state and where it is kept"],
  ["restart-strategy.", "when a job that fails is started again"],
  ["high-availability.", "what a JobManager must remember, and who leads"],
  ["jobmanager.adaptive-scheduler.", "when jobs are rescaled"],
  ["jobmanager.memory.", "memory of the JobManager"],
  ["jobmanager.", "the JobManager"],
  ["taskmanager.memory.", "memory of a TaskManager"],
  ["taskmanager.network.", "records on their way between TaskManagers"],
  ["taskmanager.", "TaskManagers"],
  ["metrics.", "metrics, and where they go"],
  ["s3.", "access to S3"],
  ["fs.", "access to storage"],
  ["rest.", "the REST API"],
  ["web.", "the web UI"],
  ["table.", "SQL and the Table API"],
  ["python.", "Python"],
  ["pipeline.", "jobs that do not say otherwise"],
  ["kubernetes.", "what Flink does with Kubernetes"],
  ["blob.", "files that JobManager and TaskManagers exchange"],
  ["heartbeat.", "when a silent process is taken for dead"],
  ["env.", "the processes' environment"],
];

export function meaningOf(option: string): string | undefined {
  if (Object.hasOwn(meanings, option)) return meanings[option];
  return subjects.find(([prefix]) => option.startsWith(prefix))?.[1];
}

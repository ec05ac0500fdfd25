package flink.kubernetes.agent;

/** What runs in pods. What each does in which phase of the ledger, and what it may make of it, is in {@link Table}. */
enum Program {
  /** A submission Job: makes one revision of a job run. */
  SUBMIT,
  /** Follows the job that an application's JobManager starts. */
  FOLLOW,
  /** Looks after a job as long as it is in the program. */
  GUARD,
  /** The guard that is told to go because its Deployment is being deleted. */
  REMOVAL,
  /** Runs before a change that loses the jobs of a cluster. */
  PREPARE,
  /** A person's pause. */
  PAUSE,
  /** A savepoint that a person or the clock takes; the job runs on. */
  SAVEPOINT,
  /** Runs in a JobManager that carries a job, before Flink starts. */
  LAUNCH
}

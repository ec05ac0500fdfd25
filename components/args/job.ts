import type * as pulumi from "@pulumi/pulumi";
import type { ArtifactHttpArgs, ArtifactStorageArgs } from "./artifact";
import type { FlinkConnection } from "./connection";
import type { PeriodicSavepointsArgs } from "./savepoints";
import type { PodArgs } from "./pods";
import type { PythonArgs } from "./python";
import type { SqlArgs } from "./sql";

/** What happens to the state of the running job when a new revision replaces it. */
export const UpgradeMode = {
  /** Stop the running job with a savepoint and start the new revision from it. Needs durable storage. */
  Savepoint: "savepoint",
  /**
   * Cancel the running job and start the new revision from its last retained checkpoint. Needs durable
   * storage and checkpoints.
   */
  LastState: "lastState",
  /** Cancel the running job and start the new revision without state. */
  Stateless: "stateless",
} as const;
export type UpgradeMode = (typeof UpgradeMode)[keyof typeof UpgradeMode];

/**
 * A job on a Flink cluster. The name of the component is the identity of the job on its cluster: its
 * savepoints and its ledger carry this name. It must be a DNS label of at most 45 characters. The program
 * itself chooses the name in the web UI.
 *
 * A change of image, jar, script, entry class, arguments, parallelism or configuration creates a new
 * revision. The new revision replaces the running job as `upgradeMode` says. On a cluster without high
 * availability, a restart of the JobManager creates a new revision too.
 */
export interface FlinkJobArgs {
  /**
   * The cluster that runs the job: the `connection` output of a FlinkCluster, or the same data from another
   * stack.
   */
  cluster: pulumi.Input<FlinkConnection>;

  /**
   * Location of the program's jar. A path is absolute: in the image of the submission pods, for example
   * `/opt/flink/usrlib/my-job.jar` (or `local:///opt/...`), or on a volume that `submitter` mounts. User 9999
   * must be able to read it. `https://…` needs `jarChecksum`, and `jarHttp` if the server requires a login.
   * `s3://bucket/key` refers to the S3-compatible store in `jarStorage`.
   *
   * A jar outside the cluster's image changes without a restart of the cluster. If `network.egress` is given,
   * it must allow the submitter to reach the location. Give exactly one of `jar`, `sql` and `python`. A class
   * in the image's library directory, `/opt/flink/lib`, needs none of them, only `entryClass`. A change
   * creates a new revision.
   */
  jar?: pulumi.Input<string>;

  /** A SQL script instead of a `jar`. A change creates a new revision. */
  sql?: SqlArgs;

  /**
   * A Python program instead of a `jar`. Needs PyFlink in the image of the cluster. A change creates a new
   * revision.
   */
  python?: PythonArgs;

  /**
   * SHA-256 of the jar (or of `python.file`), 64 hexadecimal digits. A file with another checksum is not
   * submitted, and the running revision continues. Required for `https://…`. Default: not checked. A change
   * creates a new revision.
   */
  jarChecksum?: pulumi.Input<string>;

  /**
   * The store of a `s3://bucket/key` jar. Default: Amazon S3, with unsigned requests. A change alone does not
   * affect the running job.
   */
  jarStorage?: ArtifactStorageArgs;

  /**
   * The login or the headers for the server of a `https://…` jar. Only that server receives them, never one
   * that it redirects to. Default: none. A change alone does not affect the running job.
   */
  jarHttp?: ArtifactHttpArgs;

  /**
   * Full name of the class with the `main` method. Without a `jar`, the class must be in the library
   * directory of the JobManager and the TaskManagers. Default: the class that the jar's manifest names
   * (`program-class` or `Main-Class`). A change creates a new revision.
   */
  entryClass?: pulumi.Input<string>;

  /**
   * Arguments of the `main` method, one entry each. Everybody who may read ConfigMaps in the namespace can
   * read plain strings. Outputs, such as secrets of the stack, go into a Secret, from which the submission
   * sends them to Flink. They are on no command line. A program that registers its arguments as global job
   * parameters shows them in Flink's web UI. A Python program finds them in `sys.argv`. At most 128 KiB in
   * total. Default: none. A change creates a new revision.
   */
  arguments?: pulumi.Input<pulumi.Input<string>[]>;

  /**
   * Parallelism of the job, at least 1. With the adaptive scheduler (the default of FlinkCluster) this is the
   * maximum; the job runs with the slots that are available. Default: all slots that the cluster can have
   * (largest number of TaskManagers times slots). A change creates a new revision.
   */
  parallelism?: pulumi.Input<number>;

  /**
   * Flink options for this job alone (`execution.checkpointing.interval`, `pipeline.max-parallelism`, …).
   * They override those of the cluster. Options of the processes (memory, ports, high availability) have no
   * effect here and are refused. A change creates a new revision.
   */
  config?: { [option: string]: pulumi.Input<string> };

  /**
   * How a new revision replaces the running job: `savepoint` (stop with a savepoint), `lastState` (cancel,
   * and continue from the last checkpoint) or `stateless` (start without state). Default: `savepoint`, or
   * `stateless` for a `bounded` job. Except for `stateless`, checkpoints are retained when the job is
   * cancelled. A change alone does not affect the running job.
   */
  upgradeMode?: UpgradeMode;

  /**
   * What to do when the running job cannot take a savepoint because some tasks do not run, even after a
   * quarter of `startTimeout`. True: cancel the job and start the new revision from its last complete
   * checkpoint. False: fail the update and leave the job as it is. Default: true. A change alone does not
   * affect the running job.
   */
  fallback?: boolean;

  /**
   * Whether the previous revision is started again when the new one does not start. It starts from the state
   * that it was stopped with. The update still fails and reports the reason. Default: true. A change alone
   * does not affect the running job.
   */
  rollback?: boolean;

  /**
   * Savepoint or retained checkpoint that the first revision starts from, for example to move a job here from
   * another cluster. It is a URI such as `s3://bucket/savepoints/savepoint-1`. Flink reads it and never
   * deletes it. The job's whole savepoint directory (`s3://bucket/savepoints/my-job`) means the newest
   * complete savepoint in it; this needs S3 storage with keys, or a volume. Default: the job starts without
   * state. Without a change of `restoreNonce`, a change does not affect the running job.
   */
  initialSavepoint?: pulumi.Input<string>;

  /**
   * Any text. Another text stops the running job as `upgradeMode` says and creates a new revision. That
   * revision starts from `initialSavepoint`, or without state if none is given, and ignores the job's current
   * state. Removing the text creates a new revision too, but that one continues from the current state.
   * Default: none.
   */
  restoreNonce?: pulumi.Input<string>;

  /**
   * Whether the job may start from a state that contains more than the program uses, for example the state of
   * a removed operator. That part is dropped. Default: false, Flink refuses such a state. A change alone does
   * not affect the running job.
   */
  allowNonRestoredState?: boolean;

  /**
   * Whether the job ends by itself: a batch job, or one with a bounded source. Such a job counts as started
   * when its first tasks run (batch runs its stages one after another), without waiting for a checkpoint. A
   * new revision of it starts without state unless `upgradeMode` is given. Default: false. A change alone
   * does not affect the running job.
   */
  bounded?: boolean;

  /**
   * Seconds until every task of the job must run and, with checkpointing, the first checkpoint must be
   * complete. Stopping the previous revision, and starting it again, may take as long once more. After that
   * the update fails with the reason. From 30 to 86400. Default: 300. A change alone does not affect the
   * running job.
   */
  startTimeout?: number;

  /**
   * Image of the submission pods. It contains the jar, bash, curl, awk and coreutils (as the official Flink
   * images do). With an image of its own, a new jar does not restart the cluster. Default: the image of the
   * cluster. A change creates a new revision.
   */
  image?: pulumi.Input<string>;

  /**
   * Names of Secrets in the namespace with the credentials for the registry of that image. Default: those of
   * the cluster.
   */
  imagePullSecrets?: pulumi.Input<pulumi.Input<string>[]>;

  /**
   * Savepoints that are taken on a schedule while the job runs, in the cluster's savepoint directory.
   * Default: none. A change does not affect the running job.
   */
  savepoints?: PeriodicSavepointsArgs;

  /**
   * Extra settings for submission pods: variables, volumes, scheduling, a service account, … (`extraJars` has
   * no effect there). Default: the settings of all pods of the cluster (`pods`), and the labels, annotations
   * and nodes of its JobManager. A change alone does not affect the running job.
   */
  submitter?: PodArgs;

  /**
   * Whether a small pod guards the job. It starts the job again when the JobManager has lost it, and is ready
   * only while the job is healthy. It stops the job with a savepoint when the job is removed from the program
   * or the stack is destroyed. Without the guard, nothing stops such a job. Default: true.
   */
  guard?: boolean;

  /**
   * Extra settings for the guard's pod, as for `submitter`. Default: those of `submitter`, without its
   * `podPatch`.
   */
  guardPod?: PodArgs;

  /**
   * Whether the ledger stays when the job is removed from the program or the stack is destroyed. The same
   * job, deployed again in the same namespace, continues from the state recorded there. The namespace must
   * stay too: `namespace.create: false` or `namespace.retain: true` of the cluster. Default: false, the
   * ledger is deleted with the job. A change does not affect the running job.
   */
  retainLedger?: boolean;
}

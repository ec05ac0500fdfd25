import type * as pulumi from "@pulumi/pulumi";
import type { ArtifactHttpArgs, ArtifactStorageArgs } from "./artifact";
import type { FlinkConnection } from "./connection";
import type { PeriodicSavepointsArgs } from "./savepoints";
import type { PodArgs } from "./pods";
import type { PythonArgs } from "./python";
import type { SqlArgs } from "./sql";

/** What happens to the state of the running job when a new revision takes its place. */
export const UpgradeMode = {
  /** Stop the running job with a savepoint and start the new revision from it. Needs durable storage. */
  Savepoint: "savepoint",
  /** Cancel the running job and start the new revision from its last checkpoint, which is retained. Needs durable storage and checkpoints. */
  LastState: "lastState",
  /** Cancel the running job and start the new revision without state. */
  Stateless: "stateless",
} as const;
export type UpgradeMode = (typeof UpgradeMode)[keyof typeof UpgradeMode];

/**
 * A job on a Flink cluster. The name of the component is the job's identity on its cluster (a DNS label of at most 45 letters): its
 * savepoints and its ledger go by it. What the web UI shows is chosen by the program itself.
 *
 * A change of image, jar, script, entry class, arguments, parallelism or configuration is a new revision: the running job is
 * replaced by it, as `upgradeMode` says. On a cluster without high availability a restart of the JobManager is one, too.
 */
export interface FlinkJobArgs {
  /** The cluster to run on: the `connection` output of a FlinkCluster, or the same data from another stack. */
  cluster: pulumi.Input<FlinkConnection>;

  /**
   * Where the program's jar is: an absolute path in the image of the submission pods, for example `/opt/flink/usrlib/my-job.jar` (`local:///opt/...` is taken
   * too), or on a volume that `submitter` mounts, readable by user 9999; `https://…`, with `jarChecksum` (and `jarHttp`, where its server asks for a login); or `s3://bucket/key` in an S3-compatible store
   * (`jarStorage`). What does not lie in the cluster's image changes without a restart of the cluster. Where `network.egress` is given, list the place for the
   * submitter. Exactly one of `jar`, `sql` and `python` is given; none of them for a class that is in the image's library directory, `/opt/flink/lib`, of which `entryClass` is enough. Changing it is a new revision.
   */
  jar?: pulumi.Input<string>;

  /** A script in SQL instead of a `jar`. Changing it is a new revision. */
  sql?: SqlArgs;

  /** A program in Python instead of a `jar`. Needs PyFlink in the image of the cluster. Changing it is a new revision. */
  python?: PythonArgs;

  /**
   * SHA-256 of the jar (or of `python.file`), 64 hexadecimal digits: a jar that is another is not submitted, and the running revision goes on. Needed for `https://…`. Default: not
   * looked at. Changing it is a new revision.
   */
  jarChecksum?: pulumi.Input<string>;

  /** The store of a `s3://bucket/key` jar. Default: Amazon's, requests not signed. Changing it alone changes nothing that runs. */
  jarStorage?: ArtifactStorageArgs;

  /**
   * The login or the headers that the server of a `https://…` jar asks for. They are shown to that server alone: to none that it redirects to. Default: none. Changing it alone changes
   * nothing that runs.
   */
  jarHttp?: ArtifactHttpArgs;

  /**
   * Full name of the class with the `main` method. Without a `jar`, it is one of the cluster's library directory, in the JobManager and the TaskManagers. Default: what the manifest of the jar names (`program-class` or
   * `Main-Class`). Changing it is a new revision.
   */
  entryClass?: pulumi.Input<string>;

  /**
   * Arguments for the `main` method, one entry each. Plain texts can be read by everybody who may read ConfigMaps in the namespace. What is an Output (a secret of the
   * stack, for example) stands in a Secret, from which the submission sends it to Flink; it is on no command line. A program that registers its arguments as global job
   * parameters shows them in Flink's web UI. A program in Python finds them in `sys.argv`. At most 128 KiB together. Default: none. Changing them is a new revision.
   */
  arguments?: pulumi.Input<pulumi.Input<string>[]>;

  /**
   * Parallelism of the job, at least 1. With the adaptive scheduler (the default of FlinkCluster) this is the most that it uses; it runs
   * with what is there. Default: all slots that the cluster can have (largest number of TaskManagers times slots). Changing it is a new revision.
   */
  parallelism?: pulumi.Input<number>;

  /**
   * Flink options for this job alone, over those of the cluster (`execution.checkpointing.interval`, `pipeline.max-parallelism`, …). Options of the
   * processes (memory, ports, high availability) have no effect here and are refused. Changing them is a new revision.
   */
  config?: { [option: string]: pulumi.Input<string> };

  /**
   * How a new revision takes over: `savepoint` (stopped with a savepoint), `lastState` (cancelled, goes on from its last checkpoint) or `stateless` (starts
   * from nothing). Default: `savepoint`, and `stateless` for a `bounded` job. Except for `stateless`, checkpoints are retained when the job is cancelled.
   * Changing it alone changes nothing that runs.
   */
  upgradeMode?: UpgradeMode;

  /**
   * What to do when the running job cannot be stopped with a savepoint because its tasks do not all run, and still do not after a quarter of
   * `startTimeout`: cancel it and start the new revision from its last complete checkpoint (true), or fail the update and leave it as it is (false).
   * Default: true. Changing it alone changes nothing that runs.
   */
  fallback?: boolean;

  /**
   * Whether the revision before is started again, from the very state that it was stopped with, when the new one does not start. The update fails
   * all the same and says why. Default: true. Changing it alone changes nothing that runs.
   */
  rollback?: boolean;

  /**
   * Savepoint or retained checkpoint that the first revision starts from (a URI such as `s3://bucket/savepoints/savepoint-1`), for example to move a
   * job here from another cluster. It is read by Flink, and never deleted. A job's whole directory for savepoints (`s3://bucket/savepoints/my-job`) stands for the newest
   * complete one in it, where the cluster's storage is S3 with keys or a volume. Default: the job starts from nothing. Without a change of `restoreNonce`, changing it changes
   * nothing that runs.
   */
  initialSavepoint?: pulumi.Input<string>;

  /**
   * Any text; changing it starts the job again from `initialSavepoint`, or from nothing without one, whatever state it has now. The running job is
   * stopped as `upgradeMode` says. Taking it out changes nothing in that. Default: none. Changing it is a new revision.
   */
  restoreNonce?: pulumi.Input<string>;

  /**
   * Whether the job may start from a state that holds more than it knows, for example of an operator that was taken out: that part is dropped.
   * Default: false, Flink refuses it. Changing it alone changes nothing that runs.
   */
  allowNonRestoredState?: boolean;

  /**
   * Whether the job comes to an end by itself: batch, or a source that has an end. Then it counts as started with its first running tasks (batch runs
   * its stages one after another), without waiting for a checkpoint, and a new revision of it starts from nothing unless `upgradeMode` is given. Default: false.
   * Changing it alone changes nothing that runs.
   */
  bounded?: boolean;

  /**
   * Seconds until every task of the job must run and, with checkpointing, the first checkpoint must be complete; as long again is allowed for
   * stopping the revision before it, and for putting that back. Then the update fails with the reason. Between 30 and 86400, default 300. Changing it
   * alone changes nothing that runs.
   */
  startTimeout?: number;

  /**
   * Image of the submission pods: it holds the jar, bash, curl, awk and coreutils (the official Flink images have them). Default: the image of the
   * cluster. With an image of its own, a new jar does not restart the cluster. Changing it is a new revision.
   */
  image?: pulumi.Input<string>;

  /** Names of Secrets in the namespace with the credentials for the registry of that image. Default: those of the cluster. */
  imagePullSecrets?: pulumi.Input<pulumi.Input<string>[]>;

  /**
   * Savepoints that are taken by the clock while the job runs, in the cluster's directory for savepoints. Default: none. Changing it changes nothing that runs.
   */
  savepoints?: PeriodicSavepointsArgs;

  /**
   * What the submission pods are given besides: variables, volumes, places to run, a service account, … (`extraJars` is of no use there). Default: what
   * all pods of the cluster have (`pods`), and the labels, annotations and nodes of its JobManager. Changing it alone changes nothing that runs.
   */
  submitter?: PodArgs;

  /**
   * Whether a small pod looks after the job: it starts the job again when the JobManager has lost it, is ready only while the job is well, and stops
   * the job with a savepoint when the job is taken out of the program or the stack is destroyed. Without it, nobody stops such a job. Default: true.
   */
  guard?: boolean;

  /** What the guard's pod is given besides, as for `submitter`. Default: what `submitter` says, without its `podPatch`. */
  guardPod?: PodArgs;

  /**
   * Whether the ledger stays when the job is taken out of the program or the stack is destroyed. The same job, brought up again in the same namespace, goes on from
   * the state that stands there. Needs a namespace that stays, too: `namespace.create: false` or `namespace.retain: true` of the cluster. Default: false, the ledger is
   * deleted with the job. Changing it changes nothing that runs.
   */
  retainLedger?: boolean;
}

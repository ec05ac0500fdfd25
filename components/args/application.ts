import type * as pulumi from "@pulumi/pulumi";
import { clusterShape, type FlinkClusterArgs } from "./cluster";
import type { UpgradeMode } from "./job";
import { type PodArgs, podShape } from "./pods";
import { type PeriodicSavepointsArgs, periodicSavepointsShape } from "./savepoints";
import type { ShapeOf } from "./shape";

/**
 * A Flink cluster that runs one job (application mode): the JobManager runs the program's `main` method when
 * it starts. It takes the arguments of FlinkCluster and those of the job; `config` applies to both. The name
 * of the component is the name of the cluster and of the job. Any change that restarts the JobManager creates
 * a new revision: the job is stopped as `upgradeMode` says and continues in the new JobManager.
 */
export interface FlinkApplicationArgs extends FlinkClusterArgs {
  /**
   * Absolute path of the program's jar in the JobManager's container: in the image, or on a volume of
   * `jobManager.volumeMounts` (`/opt/flink/usrlib/my-job.jar` or `local:///opt/...`). User 9999 must be able
   * to read it. Default: the program is in the image's `/opt/flink/usrlib` or in its library directory. A
   * change creates a new revision.
   */
  jar?: string;

  /**
   * Full name of the class with the `main` method. Default: the class that the jar's manifest names
   * (`program-class` or `Main-Class`). A change creates a new revision.
   */
  entryClass?: string;

  /**
   * Arguments of the `main` method, one entry each. They appear on the command line of the JobManager, in its
   * log and in Flink's web UI, so they are plain strings. Pass secrets through `jobManager.env`, `config` or
   * files. At most 256 KiB in total. Default: none. A change creates a new revision.
   */
  arguments?: string[];

  /**
   * Parallelism of the job, at least 1: the maximum for operators that set none themselves. The job runs with
   * fewer slots if fewer are available. Cannot be combined with `reactive`. Default: all slots that the
   * cluster can have (largest number of TaskManagers times slots). A change creates a new revision.
   */
  parallelism?: number;

  /**
   * Flink's reactive mode (`scheduler-mode: reactive`): every operator always uses all available slots,
   * whatever parallelism the program sets. This includes a source that the program limits to one task to keep
   * an order. Without reactive mode the job also follows the number of TaskManagers, up to its parallelism.
   * Default: false. A change creates a new revision.
   */
  reactive?: boolean;

  /**
   * How a new revision replaces the running job: `savepoint` (stop with a savepoint), `lastState` (cancel,
   * and continue from the last checkpoint) or `stateless` (start without state). Default: `savepoint`, or
   * `stateless` for a `bounded` job. A change alone does not affect the running job.
   */
  upgradeMode?: UpgradeMode;

  /**
   * With `upgradeMode: savepoint`: what to do with a job that cannot take a savepoint, because it fails
   * repeatedly or its JobManager is gone. True: replace it from its latest checkpoint. False: fail the update
   * and leave the job as it is. Default: true. A change alone does not affect the running job.
   */
  fallback?: boolean;

  /**
   * Savepoint or retained checkpoint (a URI) that the job restores from at its very first start, or after a
   * change of `restoreNonce`. Later starts continue from the job's own state. The job's whole savepoint
   * directory means the newest complete savepoint in it, as for a FlinkJob. Default: none. A change alone
   * does not affect the running job.
   */
  initialSavepoint?: pulumi.Input<string>;

  /**
   * Whether state in the savepoint that belongs to no operator of the program may be dropped. Default: false;
   * Flink then refuses to start, and names the operator. A change creates a new revision.
   */
  allowNonRestoredState?: boolean;

  /**
   * Any text. Another text creates a new revision that starts from `initialSavepoint`, or without state if
   * none is given, and ignores the job's current state. Removing the text creates a new revision that
   * continues from the current state. Default: none.
   */
  restoreNonce?: pulumi.Input<string>;

  /**
   * Whether the job ends by itself: a batch job, or one with a bounded source. Such a job counts as started
   * when its first tasks run, without waiting for a checkpoint. A new revision of it starts without state
   * unless `upgradeMode` is given. A finished job does not run again, whatever happens to the JobManager.
   * Default: false. A change alone does not affect the running job.
   */
  bounded?: boolean;

  /**
   * Seconds after the job has finished until the pods of JobManager and TaskManagers are removed, at least 0;
   * as in a Kubernetes Job. Everything else stays: the ledger says `finished`, and nothing runs again. The
   * pods come back with the next revision, for example with another `restoreNonce`.
   *
   * The guard removes the pods, so it cannot be combined with `guard: false`, nor with `autoscaling.keda`,
   * which would start them again. Default: none, the pods stay (the JobManager serves the web UI of the
   * finished job). A change does not affect what is running; remove this setting only while the pods exist.
   */
  ttlSecondsAfterFinished?: number;

  /**
   * Seconds until every task of the job must run and, with checkpointing, the first checkpoint must be
   * complete. Stopping the previous revision may take as long once more. After that the update fails with the
   * reason. From 30 to 86400. Default: 300. A change alone does not affect the running job.
   */
  startTimeout?: number;

  /**
   * Whether a small pod guards the job. It records each new checkpoint, from which the job continues if a
   * JobManager without high availability is lost. It is ready only while the job is healthy. It stops the job
   * as `upgradeMode` says when the application is removed from the program or the stack is destroyed. Without
   * the guard, nothing does. Default: true. Turning it off stops the job, too.
   */
  guard?: boolean;

  /**
   * Extra settings for the guard's pod, as for `submitter`. Default: those of `submitter`, without its
   * `podPatch`.
   */
  guardPod?: PodArgs;

  /**
   * Savepoints that are taken on a schedule while the job runs, in the savepoint directory. Default: none. A
   * change does not affect the running job.
   */
  savepoints?: PeriodicSavepointsArgs;

  /**
   * Extra settings for the pods that stop and watch the job: variables, volumes, scheduling, a service
   * account, … (`extraJars` has no effect there). Default: the settings in `pods`, and the labels,
   * annotations and nodes of the JobManager. A change alone does not affect the running job.
   */
  submitter?: PodArgs;

  /**
   * Whether the ledger stays when the application is removed from the program or the stack is destroyed. The
   * same application, deployed again in the same namespace, continues from the state recorded there. The
   * namespace must stay too: `namespace.create: false` or `namespace.retain: true`. Default: false, the
   * ledger is deleted with the application. A change does not affect the running job.
   */
  retainLedger?: boolean;
}

/** The arguments that belong to the job and not to the cluster. */
type ApplicationOnlyArgs = Omit<FlinkApplicationArgs, keyof FlinkClusterArgs>;

export const applicationOnlyShape: ShapeOf<ApplicationOnlyArgs> = {
  jar: "text",
  entryClass: "text",
  arguments: { hidden: "textList" },
  parallelism: "number",
  reactive: "boolean",
  upgradeMode: "text",
  fallback: "boolean",
  initialSavepoint: "any",
  allowNonRestoredState: "boolean",
  restoreNonce: "any",
  bounded: "boolean",
  ttlSecondsAfterFinished: "number",
  startTimeout: "number",
  guard: "boolean",
  guardPod: { object: podShape },
  savepoints: { object: periodicSavepointsShape },
  submitter: { object: podShape },
  retainLedger: "boolean",
};

export const applicationShape: ShapeOf<FlinkApplicationArgs> = { ...clusterShape, ...applicationOnlyShape };

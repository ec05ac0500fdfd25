import type * as pulumi from "@pulumi/pulumi";
import { clusterShape, type FlinkClusterArgs } from "./cluster";
import type { UpgradeMode } from "./job";
import { type PodArgs, podShape } from "./pods";
import { type PeriodicSavepointsArgs, periodicSavepointsShape } from "./savepoints";
import type { ShapeOf } from "./shape";

/**
 * A Flink cluster that carries one job (application mode): the JobManager runs the program's `main` method when it starts. It takes the
 * arguments of FlinkCluster, whose `config` is the job's too, and those of the job. The name of the component is the name of the cluster
 * and of the job. Any change that restarts the JobManager is a new revision: the job is stopped as `upgradeMode` says and goes on in the new JobManager.
 */
export interface FlinkApplicationArgs extends FlinkClusterArgs {
  /**
   * Path of the program's jar in the JobManager's container, absolute: in the image, or in a volume of `jobManager.volumeMounts`
   * (`/opt/flink/usrlib/my-job.jar`; `local:///opt/...` is taken too). It must be readable by user 9999. Default: the program is in the image's
   * `/opt/flink/usrlib` or in its library directory. Changing it is a new revision.
   */
  jar?: string;

  /**
   * Full name of the class with the `main` method. Default: what the manifest of the jar names (`program-class` or `Main-Class`). Changing it is
   * a new revision.
   */
  entryClass?: string;

  /**
   * Arguments for the `main` method, one entry each. They are on the command line of the JobManager, in its log and in Flink's web UI, so they are plain
   * strings: give the program its secrets through `jobManager.env`, `config` or files. At most 256 KiB together. Default: none. Changing them is a new revision.
   */
  arguments?: string[];

  /**
   * Parallelism of the job, at least 1: the most that operators use which name none themselves; the job runs with fewer slots where there are fewer. Not
   * together with `reactive`. Default: all slots that there can be (largest number of TaskManagers times slots). Changing it is a new revision.
   */
  parallelism?: number;

  /**
   * Flink's reactive mode (`scheduler-mode: reactive`): every operator always uses all slots that there are, whatever parallelism the program gives
   * it (also a source that it gives one task, to keep an order). Without it the job follows the number of TaskManagers too, up to its
   * parallelism. Default: false. Changing it is a new revision.
   */
  reactive?: boolean;

  /**
   * How a new revision takes over: `savepoint` (stopped with a savepoint), `lastState` (cancelled, goes on from its last checkpoint) or `stateless` (starts
   * from nothing). Default: `savepoint`, and `stateless` for a `bounded` job. Changing it alone changes nothing that runs.
   */
  upgradeMode?: UpgradeMode;

  /**
   * With `upgradeMode: savepoint`, whether a job that cannot take a savepoint (because it fails again and again, or its JobManager is gone) is
   * replaced from its latest checkpoint; else the update fails and leaves it as it is. Default: true. Changing it alone changes nothing that runs.
   */
  fallback?: boolean;

  /**
   * Savepoint or retained checkpoint (a URI) that the very first start restores from, or the one after a change of `restoreNonce`. Later ones go
   * on from the job's own state. A job's whole directory for savepoints stands for the newest complete one in it, as for a FlinkJob. Default: none. Changing it alone changes nothing that runs.
   */
  initialSavepoint?: pulumi.Input<string>;

  /**
   * Whether state in the savepoint that belongs to no operator of the program may be left behind. Default: false; then Flink refuses to start, and
   * names the operator. Changing it is a new revision.
   */
  allowNonRestoredState?: boolean;

  /**
   * Any text. Another one means: start again from `initialSavepoint`, or without state when there is none, whatever the job's own state is. Changing it is a new
   * revision. Default: none.
   */
  restoreNonce?: pulumi.Input<string>;

  /**
   * Whether the job comes to an end by itself: batch, or a source that has an end. Then it counts as started with its first running tasks, without
   * waiting for a checkpoint, and a new revision of it starts from nothing unless `upgradeMode` is given. A job that has come to its end is not
   * run again, whatever becomes of the JobManager. Default: false. Changing it alone changes nothing that runs.
   */
  bounded?: boolean;

  /**
   * Seconds after which the pods of JobManager and TaskManagers end when the job has finished, at least 0; as in a Kubernetes Job. Everything else stays: the ledger says
   * `finished`, and nothing is run again. They come back with the next revision, for example with another `restoreNonce`. The guard sees to it, so it cannot be
   * together with `guard: false`, nor with `autoscaling.keda`, which would start them again. Default: none, they stay (the JobManager has the web UI of the finished
   * job). Changing it changes nothing that runs; take it out only while the pods are there.
   */
  ttlSecondsAfterFinished?: number;

  /**
   * Seconds until every task of the job must run and, with checkpointing, the first checkpoint must be complete; as long again is allowed for
   * stopping the revision before it. Then the update fails with the reason. Between 30 and 86400, default 300. Changing it alone changes nothing
   * that runs.
   */
  startTimeout?: number;

  /**
   * Whether a small pod looks after the job: it notes each new checkpoint, from which the job goes on when a JobManager without high availability is
   * lost; is ready only while the job is well; and stops the job, as `upgradeMode` says, when the application is taken out of the program or the stack is
   * destroyed. Without it, nobody does. Default: true. Turning it off stops the job, too.
   */
  guard?: boolean;

  /** What the guard's pod is given besides, as for `submitter`. Default: what `submitter` says, without its `podPatch`. */
  guardPod?: PodArgs;

  /**
   * Savepoints that are taken by the clock while the job runs, in the directory for savepoints. Default: none. Changing it changes nothing that runs.
   */
  savepoints?: PeriodicSavepointsArgs;

  /**
   * What the pods that stop and follow the job are given besides: variables, volumes, places to run, a service account, … (`extraJars` is of no use
   * there). Default: what `pods` says, and the labels, annotations and nodes of the JobManager. Changing it alone changes nothing that runs.
   */
  submitter?: PodArgs;

  /**
   * Whether the ledger stays when the application is taken out of the program or the stack is destroyed. The same application, brought up again in the same namespace,
   * goes on from the state that stands there. Needs a namespace that stays, too: `namespace.create: false` or `namespace.retain: true`. Default: false, the ledger is
   * deleted with the application. Changing it changes nothing that runs.
   */
  retainLedger?: boolean;
}

/** What is of the job, and not of the cluster. */
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

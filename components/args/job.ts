import type * as pulumi from "@pulumi/pulumi";
import type { FlinkConnection } from "./connection";
import type { PodArgs } from "./pods";

/** What happens to the state of the running job when a new revision takes its place. */
export const UpgradeMode = {
  /** Stop the running job with a savepoint and start the new revision from it. Needs durable storage. */
  Savepoint: "savepoint",
  /** Cancel the running job and start the new revision without state. */
  Stateless: "stateless",
} as const;
export type UpgradeMode = (typeof UpgradeMode)[keyof typeof UpgradeMode];

/**
 * A job on a Flink cluster. The name of the component is the job's identity on its cluster (a DNS label of at most 45 letters): its
 * savepoints and its ledger go by it. What the web UI shows is chosen by the program itself.
 *
 * A change of image, jar, entry class, arguments, parallelism or configuration is a new revision: the running job is
 * replaced by it, as `upgradeMode` says. On a cluster without high availability a restart of the JobManager is one, too.
 */
export interface FlinkJobArgs {
  /** The cluster to run on: the `connection` output of a FlinkCluster, or the same data from another stack. */
  cluster: pulumi.Input<FlinkConnection>;

  /**
   * Path of the program's jar in the image, absolute, for example `/opt/flink/usrlib/my-job.jar` (`local:///opt/...` is
   * taken too). It must be readable by user 9999. Changing it is a new revision.
   */
  jar: pulumi.Input<string>;

  /**
   * Full name of the class with the `main` method. Default: what the manifest of the jar names (`program-class` or `Main-Class`). Changing it is a new
   * revision.
   */
  entryClass?: pulumi.Input<string>;

  /**
   * Arguments for the `main` method, one entry each. They can be read by everybody who may read ConfigMaps in the namespace and in Flink's web UI:
   * give the job its secrets through files or environment variables of the cluster's pods. At most 256 KiB together. Default: none. Changing them is a
   * new revision.
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

  /** How a new revision takes over: `savepoint` (default) or `stateless`. Changing it alone changes nothing that runs. */
  upgradeMode?: UpgradeMode;

  /**
   * Seconds until every task of the job must run and, with checkpointing, the first checkpoint must be complete; as long again is allowed for
   * stopping the revision before it. Then the update fails with the reason. Between 30 and 86400, default 300. Changing it alone changes nothing that
   * runs.
   */
  startTimeout?: number;

  /**
   * Image of the submission pods: it holds the jar, bash, curl, awk and coreutils (the official Flink images have them). Default: the image of the
   * cluster. With an image of its own, a new jar does not restart the cluster. Changing it is a new revision.
   */
  image?: pulumi.Input<string>;

  /** Names of Secrets in the namespace with the credentials for the registry of that image. Default: none. */
  imagePullSecrets?: pulumi.Input<pulumi.Input<string>[]>;

  /**
   * What the submission pods are given besides: variables, volumes, places to run, a service account, … (`extraJars` is of no use there). Default:
   * nothing. Changing it alone changes nothing that runs.
   */
  submitter?: PodArgs;
}

import type { AllPodsArgs } from "./all-pods";
import type { SecretKeyArgs } from "./cluster";
import type { LimitRangeArgs } from "./namespace";

/**
 * The data about a Flink cluster that a FlinkJob needs. The `connection` output of a FlinkCluster has this
 * shape. Another stack or team can pass the same plain data, for example through a stack reference.
 */
export interface FlinkConnection {
  /**
   * Name of the FlinkCluster. It is the prefix of its Kubernetes objects and the value of their
   * `app.kubernetes.io/instance` label.
   */
  clusterName: string;

  /** Kubernetes namespace of the cluster and of the job's objects. */
  namespace: string;

  /**
   * Bounds of each container in the namespace (`namespace.limitRange` of the cluster). The pods of jobs are
   * checked against them. Default: no bounds.
   */
  limitRange?: LimitRangeArgs;

  /**
   * Part of the namespace's quota that the cluster leaves for its jobs, by resource (`namespace.quota` of the
   * cluster). Default: no quota.
   */
  quotaLeft?: { [resource: string]: string };

  /**
   * Whether the namespace stays when the cluster's stack is destroyed. Only then can a ledger stay
   * (`retainLedger`). Default: false.
   */
  namespaceStays?: boolean;

  /** URL of the REST API and the web UI inside the Kubernetes cluster, for people and links. */
  restUrl: string;

  /**
   * Host name of the JobManager pods (the headless Service). The submission resolves it and talks to one pod
   * only, because an uploaded jar is only on the pod that received it.
   */
  jobManagerHost: string;

  /** TCP port of the REST API on the JobManager pods. */
  restPort: number;

  /**
   * Name of the Secret, in the same namespace, with the `ca.crt` (PEM) that verifies the REST API's
   * certificate. The certificate must name `jobManagerHost`. Default: the REST API uses plain HTTP.
   */
  restTlsSecret?: string;

  /**
   * Whether the REST API requires client certificates. The Secret then has `tls.crt` and `tls.key` too.
   * Default: false.
   */
  restClientAuthentication?: boolean;

  /** Flink version of the cluster, for example `2.2.1`. */
  flinkVersion: string;

  /** Container image of the cluster. The submission pods use the same image. */
  image: string;

  /** Pull policy of that image (`Always`, `IfNotPresent`, `Never`). Default: the Kubernetes default. */
  imagePullPolicy?: string;

  /**
   * Names of Secrets, in the same namespace, with the credentials for the image registry. Jobs without their
   * own use them. Default: none.
   */
  imagePullSecrets?: string[];

  /**
   * Settings that the pods of jobs inherit: those of all pods of the cluster, and the scheduling of its
   * JobManager. Default: none.
   */
  pods?: AllPodsArgs;

  /** Whether jobs survive a restart of the JobManager. */
  highAvailability: boolean;

  /** Parallelism of jobs that set none: the largest number of TaskManagers times their slots. */
  defaultParallelism: number;

  /**
   * Hash of everything whose change loses the running jobs. With high availability these are its ids, without
   * it everything that restarts the JobManager. It is part of a job's revision, so that the job is submitted
   * again.
   */
  restartHash: string;

  /** Durable directory for savepoints, a URI such as `s3://bucket/savepoints`. Absent if there is none. */
  savepointDirectory?: string;

  /**
   * Durable directory for checkpoints. Absent if there is none; checkpoints are then lost with the
   * JobManager.
   */
  checkpointDirectory?: string;

  /**
   * Where these directories are stored, for pods that stop jobs. If a JobManager fails just after it has
   * stopped a job, only the storage shows which savepoint is complete. Absent unless the storage is a volume
   * or S3 with keys in a Secret; then a person must look.
   */
  stateStorage?: StateStorage;
}

/** Where checkpoints and savepoints can be listed: on a volume, or in an S3-compatible store. */
export interface StateStorage {
  /** Name of the PersistentVolumeClaim. It is mounted read-only. */
  claimName?: string;

  /** Path where the cluster mounts it. */
  mountPath?: string;

  /**
   * The store, and the Secrets of the cluster's namespace with its keys. The keys are mounted as files and
   * used to list folders.
   */
  s3?: StateStore;
}

/**
 * An S3-compatible store whose folders can be listed. It has no enum, like everything in a connection: a YAML
 * program could not pass an enum from a FlinkCluster to a FlinkJob.
 */
export interface StateStore {
  /** URL of a store other than Amazon S3, as `storage.s3.endpoint` of the cluster. Default: Amazon S3. */
  endpoint?: string;

  /** Region, as `storage.s3.region` of the cluster. */
  region?: string;

  /** Whether the bucket is in the URL's path and not in its host name. */
  pathStyleAccess?: boolean;

  /** Secret entry with the access key. */
  accessKey?: SecretKeyArgs;

  /** Secret entry with the secret key. */
  secretKey?: SecretKeyArgs;
}

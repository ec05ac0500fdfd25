import type { AllPodsArgs } from "./all-pods";
import type { SecretKeyArgs } from "./cluster";
import type { LimitRangeArgs } from "./namespace";

/**
 * What a FlinkJob needs to know of a Flink cluster. Plain data: the `connection` output of a FlinkCluster has this
 * shape, and another stack or another team can pass the same (for example through a stack reference).
 */
export interface FlinkConnection {
  /** Name of the FlinkCluster; prefix of its Kubernetes objects and value of their `app.kubernetes.io/instance` label. */
  clusterName: string;

  /** Kubernetes namespace that the cluster runs in, and that the job's objects are made in. */
  namespace: string;

  /** What one container of the namespace may have (`namespace.limitRange` of the cluster): the pods of jobs are held against it. Default: no bounds. */
  limitRange?: LimitRangeArgs;

  /** What the cluster leaves of the namespace's quota (`namespace.quota` of the cluster) for its jobs, by the quota's resources. Default: no quota. */
  quotaLeft?: { [resource: string]: string };

  /** Whether the namespace stays when the cluster's stack is destroyed: only then can a ledger (`retainLedger`). Default: false. */
  namespaceStays?: boolean;

  /** URL of the REST API and the web UI inside the Kubernetes cluster, for people and links. */
  restUrl: string;

  /**
   * Host name of the JobManager pods (the headless Service). The submitter resolves it and talks to one pod only,
   * because an uploaded jar lives on the pod that received it.
   */
  jobManagerHost: string;

  /** TCP port of the REST API on the JobManager pods. */
  restPort: number;

  /**
   * Name of the Secret, in the same namespace, with `ca.crt` (PEM), which verifies the REST API's certificate; that must name
   * `jobManagerHost`. Default: the REST API speaks plain HTTP.
   */
  restTlsSecret?: string;

  /** Whether the REST API wants a certificate from its clients: then the Secret has `tls.crt` and `tls.key` too. Default: false. */
  restClientAuthentication?: boolean;

  /** Flink version of the cluster, for example `2.2.1`. */
  flinkVersion: string;

  /** Container image of the cluster; the submission pods use the same. */
  image: string;

  /** Pull policy of that image (`Always`, `IfNotPresent`, `Never`). Default: what Kubernetes does without one. */
  imagePullPolicy?: string;

  /** Names of Secrets, in the same namespace, with the credentials for the image registry. Jobs that name none of their own use them. Default: none. */
  imagePullSecrets?: string[];

  /** What the pods of jobs have where the jobs say nothing: what all pods of the cluster have, and where its JobManager runs. Default: nothing. */
  pods?: AllPodsArgs;

  /** Whether jobs survive a restart of the JobManager. */
  highAvailability: boolean;

  /** Parallelism of jobs that name none: the largest number of TaskManagers times their slots. */
  defaultParallelism: number;

  /**
   * Hash of everything whose change loses the running jobs: with high availability its ids, without it whatever restarts the JobManager.
   * It is part of a job's revision, so that the job is submitted again.
   */
  restartHash: string;

  /** Durable directory for savepoints (a URI such as `s3://bucket/savepoints`). Absent when there is none. */
  savepointDirectory?: string;

  /** Durable directory for checkpoints. Absent when there is none; then a JobManager that is gone takes them with it. */
  checkpointDirectory?: string;

  /**
   * Where those directories are stored, for pods that stop jobs: when a JobManager goes just when it has stopped a job, only the storage knows which savepoint
   * is complete. Absent when it is neither a volume nor S3 with keys in a Secret; then a person is asked to look.
   */
  stateStorage?: StateStorage;
}

/** Where checkpoints and savepoints can be looked at: on a volume, or in an S3-compatible store. */
export interface StateStorage {
  /** Name of the PersistentVolumeClaim, which is mounted for reading only. */
  claimName?: string;

  /** Path that the cluster mounts it at. */
  mountPath?: string;

  /** The store, and the Secrets of the cluster's namespace with its keys. They are mounted as files, and used to list folders. */
  s3?: StateStore;
}

/**
 * An S3-compatible store, as its folders are listed. It has no enum, as nothing of a connection has: a program in YAML could not pass the output of a
 * FlinkCluster on to a FlinkJob then.
 */
export interface StateStore {
  /** URL of a store that is not Amazon's, as `storage.s3.endpoint` of the cluster. Default: Amazon's. */
  endpoint?: string;

  /** Region, as `storage.s3.region` of the cluster. */
  region?: string;

  /** Whether the bucket stands in the URL's path and not in its host name. */
  pathStyleAccess?: boolean;

  /** The entry of a Secret that holds the access key. */
  accessKey?: SecretKeyArgs;

  /** The entry of a Secret that holds the secret key. */
  secretKey?: SecretKeyArgs;
}

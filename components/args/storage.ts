import type { SecretKeyArgs } from "./cluster";
import { secretKeyShape } from "./secret-key";
import type { ShapeOf } from "./shape";

/**
 * Storage for state that must outlive the pods. The file system's plugin is set up from the image's own jar,
 * in addition to the bundled plugins. Credentials are in Secrets of the cluster's namespace, which this
 * program does not read. Without credentials, the identity of the pods is used. For the workload identity of
 * a cloud, annotate the service accounts (`jobManager.serviceAccount`, `taskManager.serviceAccount`). Any
 * change here restarts the cluster.
 */
export interface StorageArgs {
  /**
   * Directory for all data of this cluster, as a URI. Supported: `s3://bucket/path` (Amazon S3 and compatible
   * stores; also `s3a`, `s3p`), `gs://bucket/path`, `abfss://container@account.dfs.core.windows.net/path`
   * (also `abfs`, `wasb`, `wasbs`), `hdfs://…` (with an image that has Hadoop), and `file:///path` on a
   * `volume`. Checkpoints go below `checkpoints`, savepoints below `savepoints`, high-availability data below
   * `ha`. Jobs do not move to another directory by themselves: the data in the old one stays there.
   */
  directory: string;

  /**
   * Directory for checkpoints (`execution.checkpointing.dir`), in the same file system. Default:
   * `checkpoints` below `directory`.
   */
  checkpointDirectory?: string;

  /**
   * Directory for savepoints (`execution.checkpointing.savepoint-dir`), in the same file system. Default:
   * `savepoints` below `directory`.
   */
  savepointDirectory?: string;

  /** Settings and keys of S3 and compatible stores. Default: Amazon S3, with the identity of the pods. */
  s3?: S3Args;

  /** Key for Google Cloud Storage. Default: the identity of the pods. */
  gcs?: GcsArgs;

  /** Key for Azure. Default: the settings in `config`, for example `fs.azure.account.auth.type`. */
  azure?: AzureArgs;

  /** The volume of a `file:///path` directory. */
  volume?: StorageVolumeArgs;

  /**
   * Path of the file system plugin's jar in the container, in the image or on a volume. Needed if the jar is
   * neither among the image's plugins nor in /opt/flink/opt, where the official images have it. Default:
   * found there.
   */
  pluginJar?: string;
}

/** An S3-compatible object store. */
export interface S3Args {
  /**
   * URL of a store other than Amazon S3, such as `https://s3.example.com:9000` (`s3.endpoint`). Default:
   * Amazon S3.
   */
  endpoint?: string;

  /**
   * Region, such as `eu-central-1` (`s3.endpoint.region`; `s3.region` of the native plugin). Default: taken
   * from the environment.
   */
  region?: string;

  /**
   * Whether the bucket is in the URL's path and not in its host name (`s3.path.style.access`). Default: true
   * with an `endpoint`, false without.
   */
  pathStyleAccess?: boolean;

  /** Which of Flink's S3 implementations is used. Default: `hadoop`, or `presto` for `s3p://`. */
  plugin?: S3Plugin;

  /** Secret entry with the access key (`s3.access-key`). Default: the identity of the pods. */
  accessKey?: SecretKeyArgs;

  /** Secret entry with the secret key (`s3.secret-key`). Default: the identity of the pods. */
  secretKey?: SecretKeyArgs;
}

/** Flink's S3 implementations. */
export const S3Plugin = {
  /** flink-s3-fs-hadoop: for all purposes, including file sinks. */
  Hadoop: "hadoop",
  /** flink-s3-fs-presto: for checkpoints; it does not support file sinks. */
  Presto: "presto",
  /** flink-s3-fs-native, from Flink 2.3 on. */
  Native: "native",
} as const;
export type S3Plugin = (typeof S3Plugin)[keyof typeof S3Plugin];

/** Google Cloud Storage. */
export interface GcsArgs {
  /** Secret entry with the JSON key of a Google service account. Default: the identity of the pods. */
  serviceAccountKey?: SecretKeyArgs;
}

/** Azure Blob Storage. */
export interface AzureArgs {
  /**
   * Secret entry with the storage account's key (`fs.azure.account.key.<account's host>`). Default: the
   * settings in `config`.
   */
  accountKey?: SecretKeyArgs;
}

/** A volume that all pods of the cluster mount at the path of `storage.directory`. */
export interface StorageVolumeArgs {
  /**
   * Name of a PersistentVolumeClaim in the cluster's namespace that several nodes can mount for writing.
   * Default: one of `size` is created.
   */
  claimName?: string;

  /**
   * Size of the created claim, as a Kubernetes quantity, such as `100Gi`. Required without `claimName`. It
   * can be increased.
   */
  size?: string;

  /**
   * Storage class of the created claim. Its volumes must be mountable by several nodes. Default: the
   * Kubernetes cluster's default class.
   */
  storageClass?: string;

  /**
   * How the claim may be mounted. Default: `ReadWriteMany`, the only accepted value, since JobManager and
   * TaskManagers write from several nodes.
   */
  accessMode?: string;

  /**
   * Whether Pulumi refuses to delete or replace the created claim (its option `protect`), which holds the
   * state of all jobs. To remove it for good, set this to false and update first. Default: true.
   */
  protect?: boolean;
}

const s3: ShapeOf<S3Args> = {
  endpoint: "text",
  region: "text",
  pathStyleAccess: "boolean",
  plugin: "text",
  accessKey: { object: secretKeyShape },
  secretKey: { object: secretKeyShape },
};

const gcs: ShapeOf<GcsArgs> = { serviceAccountKey: { object: secretKeyShape } };

const azure: ShapeOf<AzureArgs> = { accountKey: { object: secretKeyShape } };

const volume: ShapeOf<StorageVolumeArgs> = {
  claimName: "text",
  size: "text",
  storageClass: "text",
  accessMode: "text",
  protect: "boolean",
};

export const storageShape: ShapeOf<StorageArgs> = {
  directory: "text",
  checkpointDirectory: "text",
  savepointDirectory: "text",
  s3: { object: s3 },
  gcs: { object: gcs },
  azure: { object: azure },
  volume: { object: volume },
  pluginJar: "text",
};

import type { SecretKeyArgs } from "./cluster";
import { secretKeyShape } from "./secret-key";
import type { ShapeOf } from "./shape";

/**
 * Where state lives that must outlast pods. The file system's plugin is set up from the image's own jar, beside the bundled
 * plugins. Credentials stand in Secrets of the cluster's namespace, which this program does not read; without any, the
 * pods' identity is used: annotations of their service accounts (`jobManager.serviceAccount`, `taskManager.serviceAccount`) for
 * the workload identity of a cloud. A change of anything here restarts the cluster.
 */
export interface StorageArgs {
  /**
   * Directory for everything that this cluster keeps, as a URI: `s3://bucket/path` (Amazon's and compatible stores; also `s3a`, `s3p`),
   * `gs://bucket/path`, `abfss://container@account.dfs.core.windows.net/path` (also `abfs`, `wasb`, `wasbs`), `hdfs://…` (with an image that
   * has Hadoop) or `file:///path` on a `volume`. Checkpoints go below `checkpoints`, savepoints below `savepoints`, the data of high
   * availability below `ha`. Jobs do not follow to another directory by themselves: what is in the old one stays there.
   */
  directory: string;

  /** Directory for checkpoints (`execution.checkpointing.dir`), in the same file system. Default: `checkpoints` below `directory`. */
  checkpointDirectory?: string;

  /** Directory for savepoints (`execution.checkpointing.savepoint-dir`), in the same file system. Default: `savepoints` below `directory`. */
  savepointDirectory?: string;

  /** S3 and compatible stores: where, how and with which keys. Default: Amazon's, with the identity of the pods. */
  s3?: S3Args;

  /** Google Cloud Storage: which key. Default: the identity of the pods. */
  gcs?: GcsArgs;

  /** Azure: which key. Default: what `config` says, for example `fs.azure.account.auth.type`. */
  azure?: AzureArgs;

  /** The volume of a `file:///path` directory. */
  volume?: StorageVolumeArgs;

  /**
   * Where the jar of the file system's plugin is in the container, when it is neither among the image's plugins nor in /opt/flink/opt
   * (where the official images have it): a path in the image or on a volume. Default: looked for there.
   */
  pluginJar?: string;
}

/** An S3-compatible object store. */
export interface S3Args {
  /** URL of a store that is not Amazon's, such as `https://s3.example.com:9000` (`s3.endpoint`). Default: Amazon's. */
  endpoint?: string;

  /** Region, such as `eu-central-1` (`s3.endpoint.region`; `s3.region` of the native plugin). Default: as the environment says. */
  region?: string;

  /**
   * Whether the bucket stands in the URL's path and not in its host name (`s3.path.style.access`). Default: true with an `endpoint`,
   * false without.
   */
  pathStyleAccess?: boolean;

  /** Which of Flink's implementations is used. Default: `hadoop`, or `presto` for `s3p://`. */
  plugin?: S3Plugin;

  /** The entry of a Secret that holds the access key (`s3.access-key`). Default: the identity of the pods. */
  accessKey?: SecretKeyArgs;

  /** The entry of a Secret that holds the secret key (`s3.secret-key`). Default: the identity of the pods. */
  secretKey?: SecretKeyArgs;
}

/** Flink's implementations of S3. */
export const S3Plugin = {
  /** flink-s3-fs-hadoop: for everything, file sinks too. */
  Hadoop: "hadoop",
  /** flink-s3-fs-presto: for checkpoints; file sinks do not work with it. */
  Presto: "presto",
  /** flink-s3-fs-native, from Flink 2.3 on. */
  Native: "native",
} as const;
export type S3Plugin = (typeof S3Plugin)[keyof typeof S3Plugin];

/** Google Cloud Storage. */
export interface GcsArgs {
  /** The entry of a Secret that holds the JSON key of a Google service account. Default: the identity of the pods. */
  serviceAccountKey?: SecretKeyArgs;
}

/** Azure Blob Storage. */
export interface AzureArgs {
  /** The entry of a Secret that holds the storage account's key (`fs.azure.account.key.<account's host>`). Default: what `config` says. */
  accountKey?: SecretKeyArgs;
}

/** A volume that all pods of the cluster mount at the path of `storage.directory`. */
export interface StorageVolumeArgs {
  /** Name of a PersistentVolumeClaim in the cluster's namespace that several nodes can mount for writing. Default: one is made, of `size`. */
  claimName?: string;

  /** Size of the claim that is made, as a Kubernetes quantity, such as `100Gi`. Needed without `claimName`. It can be raised. */
  size?: string;

  /** Storage class of the claim that is made, one whose volumes several nodes can mount. Default: the Kubernetes cluster's. */
  storageClass?: string;

  /**
   * How the claim may be mounted. Default and, since JobManager and TaskManagers write from several nodes, all that is accepted:
   * `ReadWriteMany`.
   */
  accessMode?: string;

  /**
   * Whether Pulumi refuses to delete or replace the claim that is made (its option `protect`), and with it the state of all jobs. To
   * remove it for good, set this to false and update first. Default: true.
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

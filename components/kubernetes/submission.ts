import type { batch, core, meta, rbac } from "@pulumi/kubernetes/types/input";
import { createHash } from "node:crypto";
import type { JobModel } from "../args/check-job";
import { UpgradeMode } from "../args/job";
import { clientFiles, tlsDirectories } from "../args/check-tls";
import type { SecretKeyArgs } from "../args/cluster";
import type { FlinkConnection } from "../args/connection";
import { allArguments, referredEntry, secretReference } from "../args/job-secrets";
import { pythonScriptEntry } from "../args/python";
import { sqlScriptClass } from "../args/sql";
import { artifactSource, emptyJar } from "../args/artifact";
import {
  contentHash,
  jobLabel,
  ledgerLabel,
  objectLabels,
  objectName,
  restartHashAnnotation,
  selectorLabels,
} from "../names";
import { applicationFiles, pythonFiles, sqlClassFile, sqlFiles, submitterFiles } from "../submitter/files";
import { strategicMerge } from "./merge";
import { beforeAndBeside, containerSecurityContext, podSecurityContext, withinRange } from "./pod";
import { stateKeysDirectory, stateStorageParts } from "./state-storage";

/**
 * The wanted revision, in the ledger's metadata, which Pulumi owns. The ledger's data, which the submission
 * pods write, records the actual one.
 */
export const revisionAnnotation = "flink-kubernetes/revision";

/** Directory of the program in the submission pods. */
export const programDir = "/opt/flink-kubernetes/submitter";

/** Directory of the entries of the job's Secret in these pods. */
const secretsDir = "/opt/flink-kubernetes/secrets";

/**
 * Exit codes of a container that a signal ended: SIGKILL and SIGTERM. A pod that a person deletes has no
 * condition that says so. A container that exceeds its memory is killed too; then activeDeadlineSeconds ends
 * the Job.
 */
const signalled = [137, 143];

/**
 * Identity of a job's definition: another revision replaces the job. It includes everything that loses the
 * running jobs.
 */
export function revisionOf(model: JobModel): string {
  if (model.carriedRevision) return model.carriedRevision;
  return contentHash({ ...definition(model), restartHash: model.connection.restartHash });
}

/** The part of a revision that belongs to the job and not to its cluster. */
function definition(model: JobModel) {
  const {
    jar,
    jarChecksum,
    image,
    entryClass,
    programArguments,
    python,
    parallelism,
    config,
    restoreNonce,
    secretsHash,
  } = model;
  return {
    artifact: { image, jar, jarChecksum },
    entryClass,
    programArguments,
    python,
    parallelism,
    config,
    secretsHash,
    restoreNonce,
  };
}

/** First half of the ids of all jobs of one FlinkJob. The second half distinguishes its submissions. */
export function jobIdPrefix({ namespace, clusterName }: FlinkConnection, name: string): string {
  return createHash("sha256").update([namespace, clusterName, name].join("/")).digest("hex").slice(0, 16);
}

/** Name, namespace and labels of an object of a job. */
export function objectMetadata(connection: FlinkConnection, job: string, objectSuffix: string) {
  return {
    // Two dashes never occur in names of clusters and jobs, so no other cluster has a job of this name.
    name: objectName(`${connection.clusterName}-`, job, objectSuffix),
    namespace: connection.namespace,
    labels: { ...objectLabels(connection.clusterName, "submitter"), [jobLabel]: job },
  } satisfies meta.v1.ObjectMeta;
}

/** Metadata of the ledger. Its data belong to the submission pods. */
export function ledgerMetadata(connection: FlinkConnection, name: string) {
  const { labels, ...rest } = objectMetadata(connection, name, "ledger");
  return { ...rest, labels: { ...labels, [ledgerLabel]: "true" } };
}

/** Everything that the programs in the pods need to know about the job's arguments. */
export function ledgerAnnotations(model: JobModel): Record<string, string> {
  return {
    [revisionAnnotation]: revisionOf(model),
    [restartHashAnnotation]: model.connection.restartHash,
    "flink-kubernetes/upgrade-mode": model.upgradeMode,
    "flink-kubernetes/fallback": String(model.fallback),
    "flink-kubernetes/start-timeout": String(model.startTimeout),
    // Tells a guard that is being removed whether its job stays.
    "flink-kubernetes/guard": String(model.guard),
    // Objects from an earlier stack must not be reported as conflicts.
    ...(model.retainLedger ? { "pulumi.com/patchForce": "true" } : {}),
  };
}

export function submitterMetadata(connection: FlinkConnection, name: string) {
  return objectMetadata(connection, name, "submitter");
}

/** Rights: read and write one ledger, and read the status of the JobManager's Deployment; nothing else. */
export function submitterRules(connection: FlinkConnection, name: string): rbac.v1.PolicyRule[] {
  return [ledgerRule(connection, name), deploymentRule(objectName(connection.clusterName, "jobmanager"))];
}

/** Rights: read and write one ledger. */
export function ledgerRule(connection: FlinkConnection, name: string): rbac.v1.PolicyRule {
  const resourceNames = [ledgerMetadata(connection, name).name];
  return { apiGroups: [""], resources: ["configmaps"], resourceNames, verbs: ["get", "patch"] };
}

/** Rights: scale these Deployments and StatefulSets (`deployments/NAME`). */
export function scaleRules(...workloads: string[]): rbac.v1.PolicyRule[] {
  return workloads.map((workload) => {
    const [resource, name] = workload.split("/") as [string, string];
    return {
      apiGroups: ["apps"],
      resources: [`${resource}/scale`],
      resourceNames: [name],
      verbs: ["get", "patch"],
    };
  });
}

/** Rights: read these Deployments. */
export function deploymentRule(...resourceNames: string[]): rbac.v1.PolicyRule {
  return { apiGroups: ["apps"], resources: ["deployments"], resourceNames, verbs: ["get"] };
}

/**
 * Owner of a copy of the program. The guard and the scheduled savepoints have their own copy, which is
 * created after the submission has succeeded. An application has a single copy, which stays until a whole
 * update has succeeded.
 */
export type ProgramOf = "submitter" | "guard";

/**
 * The program and the request that it sends. Content-addressed, because it must not change under a running
 * pod.
 */
export function programConfigMap(model: JobModel, of: ProgramOf = "submitter") {
  const ownClass = model.entryClass === sqlScriptClass && model.jar === emptyJar;
  const data: Record<string, string> = model.carriedRevision
    ? applicationFiles(model.ttl !== undefined)
    : {
        ...submitterFiles(model.jarHttp !== undefined),
        ...(ownClass ? sqlFiles() : {}),
        ...pythonProgram(model),
        "request.json": runRequest(model),
      };
  const binaryData = ownClass ? sqlClassFile() : undefined;
  const hash = contentHash(binaryData === undefined ? data : { data, binaryData });
  return {
    metadata: objectMetadata(
      model.connection,
      model.name,
      `${model.carriedRevision ? "submitter" : of}-${hash}`,
    ),
    immutable: true,
    data,
    ...(binaryData === undefined ? {} : { binaryData }),
  } satisfies core.v1.ConfigMap;
}

/**
 * Body of POST /jars/:id/run. The program adds the job id and the savepoint. These fields are the same in
 * 1.20 and 2.x.
 */
function runRequest(model: JobModel): string {
  const { entryClass, programArguments, parallelism, allowNonRestoredState } = model;
  const config = { ...retainedCheckpoints(model), ...model.config };
  const request = {
    ...(entryClass === undefined ? {} : { entryClass }),
    ...(programArguments.length === 0
      ? {}
      : {
          programArgsList: argumentList(programArguments),
        }),
    ...(Object.keys(config).length === 0 ? {} : { flinkConfiguration: config }),
    ...(allowNonRestoredState ? { allowNonRestoredState } : {}),
    // Without this field, Flink uses 1 and not the cluster's default.
    parallelism,
  };
  return withReferences(request);
}

/** The Secret may contain the whole list. */
function argumentList(all: string[]): string | string[] {
  return all[0] === secretReference(allArguments) ? all[0] : all;
}

/** JSON in which the program replaces references with entries of the Secret. */
function withReferences(content: unknown): string {
  return JSON.stringify(content, (_key, value: unknown) => {
    const entry = typeof value === "string" ? referredEntry(value) : undefined;
    return entry === undefined ? value : { $secret: entry };
  });
}

/** Content of a Python program's archive. A confidential script is in the Secret. */
function pythonProgram({ python }: JobModel): Record<string, string> {
  if (python === undefined) return {};
  const { script, module, arguments: all } = python;
  const plain = script !== undefined && referredEntry(script) === undefined;
  return {
    ...pythonFiles(),
    "job.json": withReferences({ module, arguments: argumentList(all) }),
    ...(plain ? { [pythonScriptEntry]: script } : {}),
  };
}

/** Keeps a checkpoint of a cancelled or failed job, from which the next revision can start. */
function retainedCheckpoints({ upgradeMode, connection }: JobModel): Record<string, string> {
  if (upgradeMode === UpgradeMode.Stateless || connection.checkpointDirectory === undefined) return {};
  return { "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION" };
}

/**
 * Deadline of the Job. The program reaches a verdict before that. It has startTimeout each to stop the
 * previous revision, to start the new one, and to start the previous one again.
 */
export function jobDeadline({ startTimeout }: Pick<JobModel, "startTimeout">): number {
  return 3 * startTimeout + 90;
}

/**
 * The Job that starts one revision. It fails at once when the program reaches a verdict: backoffLimit 0 gives
 * BackoffLimitExceeded, which Pulumi recognises. A pod that was evicted, drained or killed is replaced by
 * another.
 */
export function submissionJob(model: JobModel) {
  const { connection, name } = model;
  return {
    metadata: {
      ...objectMetadata(connection, name, revisionOf(model)),
      // The next update replaces a Job that did not complete: a new Job is a new attempt.
      annotations: { "pulumi.com/replaceUnready": "true" },
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: jobDeadline(model),
      podFailurePolicy: disruptionsIgnored("submitter"),
      template: submitterTemplate(model),
    },
  } satisfies batch.v1.Job;
}

/** A pod that was evicted, drained or killed did not reach a verdict. */
export function disruptionsIgnored(containerName: string) {
  return {
    rules: [
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      { action: "Ignore", onExitCodes: { containerName, operator: "In", values: signalled } },
    ],
  } satisfies batch.v1.PodFailurePolicy;
}

/** The submission pods, with the user's settings. */
export function submitterTemplate(model: JobModel, of: ProgramOf = "submitter") {
  const template = ownTemplate(model, of);
  const { patch } = model.submitter;
  return patch === undefined ? template : strategicMerge(template, patch);
}

/** The same job for pods that never stop a job: they get no keys of the store. */
export function withoutStateKeys(model: JobModel): JobModel {
  const { connection } = model;
  if (connection.stateStorage?.s3 === undefined) return model;
  return { ...model, connection: { ...connection, stateStorage: undefined } };
}

/** The submission pods before the user's patch. */
export function ownTemplate(model: JobModel, of: ProgramOf = "submitter") {
  const { connection, name, image, imagePullSecrets, submitter } = model;
  const { namespace, clusterName, imagePullPolicy } = connection;
  const client = restClient(connection);
  const secrets = model.secretsHash !== undefined;
  // Kubernetes would refuse a second mount at the path of a user's mount.
  const mounted = submitter.volumeMounts.some(
    ({ mountPath }) => String(mountPath).replace(/\/+$/, "") === connection.stateStorage?.mountPath,
  );
  const state = stateStorageParts(mounted ? undefined : connection.stateStorage, false);
  // A fetched jar is stored there.
  const temporary = artifactSource(model.jar) === "file" ? 64 : 576;
  const labels = { ...objectLabels(clusterName, "submitter"), [jobLabel]: name };
  const initContainers = beforeAndBeside(submitter);
  return {
    metadata: {
      labels: { ...submitter.labels, ...labels, ...selectorLabels(clusterName, "submitter") },
      ...(Object.keys(submitter.annotations).length === 0 ? {} : { annotations: submitter.annotations }),
    },
    spec: {
      restartPolicy: "Never",
      serviceAccountName: submitter.serviceAccount.name,
      automountServiceAccountToken: true,
      enableServiceLinks: false,
      // The program has nothing to clean up.
      terminationGracePeriodSeconds: 5,
      securityContext: podSecurityContext(connection.pods?.securityContext),
      ...(imagePullSecrets.length === 0
        ? {}
        : { imagePullSecrets: imagePullSecrets.map((secret) => ({ name: secret })) }),
      ...submitter.scheduling,
      ...(initContainers.length === 0 ? {} : { initContainers }),
      containers: [
        {
          name: "submitter",
          image,
          ...(imagePullPolicy && image === connection.image ? { imagePullPolicy } : {}),
          command: ["/bin/bash", `${programDir}/submit.sh`],
          env: [...environment(model, namespace), ...state.env, ...submitter.env],
          ...(submitter.envFrom.length === 0 ? {} : { envFrom: submitter.envFrom }),
          terminationMessagePolicy: "FallbackToLogsOnError",
          securityContext: containerSecurityContext(connection.pods?.securityContext),
          resources: withinRange(
            {
              requests: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "16Mi" },
              limits: { cpu: "1", memory: "128Mi", "ephemeral-storage": `${temporary + 64}Mi` },
            },
            connection.limitRange,
          ),
          volumeMounts: [
            { name: "program", mountPath: programDir, readOnly: true },
            { name: "tmp", mountPath: "/tmp" },
            ...(secrets ? [{ name: "secrets", mountPath: secretsDir, readOnly: true }] : []),
            ...(client ? [client.mount] : []),
            ...state.volumeMounts,
            ...submitter.volumeMounts,
          ],
        },
      ],
      volumes: [
        { name: "program", configMap: { name: programConfigMap(model, of).metadata.name } },
        { name: "tmp", emptyDir: { sizeLimit: `${temporary}Mi` } },
        ...(secrets
          ? [{ name: "secrets", secret: { secretName: jobSecretsMetadata(connection, name).name } }]
          : []),
        ...(client ? [client.volume] : []),
        ...state.volumes,
        ...submitter.volumes,
      ],
    },
  } satisfies core.v1.PodTemplateSpec;
}

/** The Python command, if the submission has the same image as the JobManager and can try it. */
function pythonToTry({ image, connection, config }: JobModel): string {
  const command = config["python.client.executable"] ?? "python";
  return image === connection.image && referredEntry(command) === undefined ? command : "";
}

/** A job may have its own checkpoint directory. */
function checkpointDirectory({ connection, config }: JobModel): string | undefined {
  return (
    config["execution.checkpointing.dir"] ?? config["state.checkpoints.dir"] ?? connection.checkpointDirectory
  );
}

/** Keys of the jar's store. Only the pod sees them. */
function storageKeys({ jarStorage }: JobModel): core.v1.EnvVar[] {
  return fromSecrets([
    ["S3_ACCESS_KEY", jarStorage?.accessKey],
    ["S3_SECRET_KEY", jarStorage?.secretKey],
  ]);
}

/** Login and headers for the jar's server. Only the pod sees them. */
function httpCredentials({ jarHttp }: JobModel): core.v1.EnvVar[] {
  if (jarHttp === undefined) return [];
  const { headers = {}, username, password } = jarHttp;
  const names = Object.keys(headers);
  const sources: [string, SecretKeyArgs | undefined][] = [
    ["HTTP_USERNAME", username],
    ["HTTP_PASSWORD", password],
    ...names.map((name, index): [string, SecretKeyArgs] => [`HTTP_HEADER_${index}`, headers[name]!]),
  ];
  return [
    ...(names.length === 0 ? [] : [{ name: "HTTP_HEADERS", value: names.join(" ") }]),
    ...fromSecrets(sources),
  ];
}

function fromSecrets(sources: readonly [string, SecretKeyArgs | undefined][]): core.v1.EnvVar[] {
  return sources.flatMap(([name, source]) =>
    source === undefined
      ? []
      : [{ name, valueFrom: { secretKeyRef: { name: source.name, key: source.key } } }],
  );
}

/** Metadata of the Secret with the confidential parts of the request. */
export function jobSecretsMetadata(connection: FlinkConnection, name: string) {
  return objectMetadata(connection, name, "secrets");
}

/** Files with which the program verifies the REST API and authenticates itself. */
function restClient({ restTlsSecret, restClientAuthentication }: FlinkConnection) {
  if (restTlsSecret === undefined) return undefined;
  return clientFiles({
    secretName: restTlsSecret,
    clientAuthentication: restClientAuthentication ?? false,
  });
}

/** Fixed parts of the pods that arguments must not change. */
export const ownSubmitterPod = {
  role: "submitter",
  container: "submitter",
  volumes: ["program", "tmp", "secrets", "rest-client", "state", "state-keys"],
  mountPaths: [programDir, secretsDir, "/tmp", tlsDirectories.client, stateKeysDirectory],
  ports: [],
  labels: {},
  secretEnv: false,
  restricted: false,
};

function environment(model: JobModel, namespace: string): core.v1.EnvVar[] {
  const { connection, name } = model;
  const values: Record<string, string> = {
    NAMESPACE: namespace,
    LEDGER_NAME: ledgerMetadata(connection, name).name,
    FLINK_CLUSTER: connection.clusterName,
    FLINK_JOB: name,
    REVISION: revisionOf(model),
    DEFINITION: contentHash(definition(model)),
    ...(model.carriedRevision ? { CARRIED: "true" } : {}),
    JOB_ID_PREFIX: jobIdPrefix(connection, name),
    JOBMANAGER_HOST: connection.jobManagerHost,
    JOBMANAGER_PORT: String(connection.restPort),
    JOBMANAGER_DEPLOYMENT: objectName(connection.clusterName, "jobmanager"),
    ...(connection.restTlsSecret === undefined ? {} : { FLINK_TLS: tlsDirectories.client }),
    JAR: model.jar,
    ...(model.python === undefined ? {} : { PYTHON: pythonToTry(model) }),
    ...(model.jarChecksum === undefined ? {} : { JAR_CHECKSUM: model.jarChecksum }),
    ...(model.jarStorage?.endpoint === undefined ? {} : { S3_ENDPOINT: model.jarStorage.endpoint }),
    ...(model.jarStorage?.region === undefined ? {} : { S3_REGION: model.jarStorage.region }),
    IMAGE: model.image,
    UPGRADE_MODE: model.upgradeMode,
    FALLBACK: String(model.fallback),
    ROLLBACK: String(model.rollback),
    INITIAL_SAVEPOINT: model.initialSavepoint ?? "",
    RESTORE_NONCE: model.restoreNonce ?? "",
    BOUNDED: String(model.bounded),
    START_TIMEOUT: String(model.startTimeout),
    SAVEPOINT_DIRECTORY: connection.savepointDirectory ?? "",
    CHECKPOINT_DIRECTORY: checkpointDirectory(model) ?? "",
    HIGH_AVAILABILITY: String(connection.highAvailability),
    TMPDIR: "/tmp",
  };
  return [
    ...Object.entries(values).map(([key, value]) => ({ name: key, value })),
    ...storageKeys(model),
    ...httpCredentials(model),
    // Kubernetes labels the pods with the UID of their Job: all pods of one submission share it, and no
    // others have it.
    {
      name: "SUBMISSION_UID",
      valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/controller-uid']" } },
    },
  ];
}

import type { batch, core, rbac } from "@pulumi/kubernetes/types/input";
import { clientFiles, tlsDirectories } from "../args/check-tls";
import { type ClusterModel, savepointDirectory } from "../args/model";
import { contentHash, jobManagerHost, objectLabels, objectName, ports, selectorLabels } from "../names";
import { prepareFiles } from "../submitter/files";
import { strategicMerge } from "./merge";
import { beforeAndBeside, containerSecurityContext, podSecurityContext, withinRange } from "./pod";
import { stateKeysDirectory, stateStorageParts } from "./state-storage";
import { deploymentRule, disruptionsIgnored, programDir } from "./submission";

function metadata({ name, namespace }: ClusterModel, ...suffixes: string[]) {
  return {
    name: objectName(name, "prepare", ...suffixes),
    namespace: namespace.name,
    // For network policies, its pods count as submission pods.
    labels: objectLabels(name, "submitter"),
  };
}

export function prepareAccount(model: ClusterModel) {
  const { annotations } = model.prepare.pod.serviceAccount;
  const annotated = Object.keys(annotations).length === 0 ? {} : { annotations };
  return { metadata: { ...metadata(model), ...annotated }, automountServiceAccountToken: false };
}

/** Rights: its own Deployment, and the ledgers of jobs, whose names the cluster does not know. */
export function prepareRole(model: ClusterModel) {
  return {
    metadata: metadata(model),
    rules: [
      { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "patch"] },
      deploymentRule(objectName(model.name, "jobmanager")),
    ],
  } satisfies rbac.v1.Role;
}

export function prepareBinding(model: ClusterModel) {
  const { name, namespace } = metadata(model);
  return {
    metadata: metadata(model),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
    subjects: [{ kind: "ServiceAccount", name: model.prepare.pod.serviceAccount.name, namespace }],
  } satisfies rbac.v1.RoleBinding;
}

/** Content-addressed, because the program must not change under a running pod. */
export function prepareProgram(model: ClusterModel) {
  const data = prepareFiles();
  return { metadata: metadata(model, "program", contentHash(data)), immutable: true, data };
}

/** Deadline of the Job. The program reaches a verdict before that. */
export function prepareDeadline({ prepare }: ClusterModel): number {
  return prepare.timeout + 90;
}

/**
 * The Job that JobManager and TaskManagers wait for. Its name contains the restart that it prepares: other
 * changes create no new Job, and a prepared restart is not prepared again. It fails at once when the program
 * reaches a verdict, like a submission.
 */
export function prepareJob(model: ClusterModel, restartHash: string) {
  return {
    metadata: {
      ...metadata(model, restartHash),
      // The next update replaces a Job that did not complete: a new Job is a new attempt.
      annotations: { "pulumi.com/replaceUnready": "true" },
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: prepareDeadline(model),
      podFailurePolicy: disruptionsIgnored("prepare"),
      template: template(model, restartHash),
    },
  } satisfies batch.v1.Job;
}

/** Fixed parts of the pods that arguments must not change. */
export const ownPreparePod = {
  role: "prepare",
  container: "prepare",
  volumes: ["program", "tmp", "rest-client", "state", "state-keys"],
  mountPaths: [programDir, "/tmp", tlsDirectories.client, stateKeysDirectory],
  ports: [],
  labels: {},
  secretEnv: false,
};

function template(model: ClusterModel, restartHash: string) {
  const own = ownPrepareTemplate(model, restartHash);
  const { patch } = model.prepare.pod;
  return patch === undefined ? own : strategicMerge(own, patch);
}

/** The pods before the user's patch. */
export function ownPrepareTemplate(model: ClusterModel, restartHash: string) {
  const { name, image, imagePullPolicy, prepare, user } = model;
  const { pod, imagePullSecrets } = prepare;
  const client = restClient(model);
  // On a new cluster, the pod must not wait for the keys.
  const state = stateStorageParts(model.storage?.lookup, true);
  const initContainers = beforeAndBeside(pod);
  return {
    metadata: {
      labels: { ...pod.labels, ...objectLabels(name, "submitter"), ...selectorLabels(name, "submitter") },
      ...(Object.keys(pod.annotations).length === 0 ? {} : { annotations: pod.annotations }),
    },
    spec: {
      restartPolicy: "Never",
      serviceAccountName: pod.serviceAccount.name,
      automountServiceAccountToken: true,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 5,
      securityContext: podSecurityContext(user),
      ...(imagePullSecrets.length === 0
        ? {}
        : { imagePullSecrets: imagePullSecrets.map((secret) => ({ name: secret })) }),
      ...pod.scheduling,
      ...(initContainers.length === 0 ? {} : { initContainers }),
      containers: [
        {
          name: "prepare",
          image: prepare.image ?? image,
          ...(imagePullPolicy && prepare.image === undefined ? { imagePullPolicy } : {}),
          command: ["/bin/bash", `${programDir}/prepare.sh`],
          env: [...environment(model, restartHash), ...state.env, ...pod.env],
          ...(pod.envFrom.length === 0 ? {} : { envFrom: pod.envFrom }),
          terminationMessagePolicy: "FallbackToLogsOnError",
          securityContext: containerSecurityContext(user),
          resources: withinRange(
            {
              requests: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "16Mi" },
              limits: { cpu: "1", memory: "128Mi", "ephemeral-storage": "128Mi" },
            },
            model.namespace.limitRange,
          ),
          volumeMounts: [
            { name: "program", mountPath: programDir, readOnly: true },
            { name: "tmp", mountPath: "/tmp" },
            ...(client ? [client.mount] : []),
            ...state.volumeMounts,
            ...pod.volumeMounts,
          ],
        },
      ],
      volumes: [
        { name: "program", configMap: { name: prepareProgram(model).metadata.name } },
        { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
        ...(client ? [client.volume] : []),
        ...state.volumes,
        ...pod.volumes,
      ],
    },
  } satisfies core.v1.PodTemplateSpec;
}

/**
 * As in the submission pods. On a new cluster it must not wait for the certificates: there is no JobManager
 * to verify.
 */
function restClient({ tls }: ClusterModel) {
  if (!tls?.rest) return undefined;
  const { volume, mount } = clientFiles(tls.rest);
  return { mount, volume: { ...volume, secret: { ...volume.secret, optional: true } } };
}

function environment(model: ClusterModel, restartHash: string): core.v1.EnvVar[] {
  const namespace = model.namespace.name;
  const { claimName, mountPath } = model.storage?.lookup ?? {};
  const values: Record<string, string> = {
    NAMESPACE: namespace,
    FLINK_CLUSTER: model.name,
    RESTART_HASH: restartHash,
    JOBMANAGER_DEPLOYMENT: objectName(model.name, "jobmanager"),
    JOBMANAGER_HOST: jobManagerHost(model.name, namespace),
    JOBMANAGER_PORT: String(ports.rest),
    ...(model.tls?.rest ? { FLINK_TLS: tlsDirectories.client } : {}),
    SAVEPOINT_DIRECTORY: savepointDirectory(model) ?? "",
    CHECKPOINT_DIRECTORY: model.storage?.checkpointDirectory ?? "",
    ...(claimName === undefined || mountPath === undefined
      ? {}
      : { STORAGE_CLAIM: claimName, STORAGE_PATH: mountPath }),
    PREPARE_TIMEOUT: String(model.prepare.timeout),
    TMPDIR: "/tmp",
  };
  return [
    ...Object.entries(values).map(([key, value]) => ({ name: key, value })),
    {
      name: "SUBMISSION_UID",
      valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/controller-uid']" } },
    },
  ];
}

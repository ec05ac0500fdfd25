import type { apps, core, meta, rbac } from "@pulumi/kubernetes/types/input";
import type { JobModel } from "../args/check-job";
import type { FlinkConnection } from "../args/connection";
import { jobLabel, objectLabels, objectName, selectorLabels } from "../names";
import { strategicMerge } from "./merge";
import { withinRange } from "./pod";
import {
  deploymentRule,
  ledgerRule,
  ownSubmitterPod,
  ownTemplate,
  programDir,
  scaleRules,
} from "./submission";

/**
 * Seconds beyond startTimeout for the guard to end a job that cannot be stopped with a savepoint, and to
 * record that.
 */
const lastWords = 120;

/** Metadata of the guard's objects. Deployment, service account, Role and RoleBinding share one name. */
export function guardMetadata({ clusterName, namespace }: FlinkConnection, job: string) {
  return {
    name: objectName(`${clusterName}-`, job, "guard"),
    namespace,
    labels: { ...objectLabels(clusterName, "guard"), [jobLabel]: job },
  } satisfies meta.v1.ObjectMeta;
}

/**
 * Rights: read and write one ledger, and read whether its own Deployment and the JobManager's are being
 * deleted. If the pods of a finished job are removed, also scale them. Nothing else.
 */
export function guardRules(
  connection: FlinkConnection,
  job: string,
  ttl?: JobModel["ttl"],
): rbac.v1.PolicyRule[] {
  const own = guardMetadata(connection, job).name;
  const jobManager = objectName(connection.clusterName, "jobmanager");
  return [
    ledgerRule(connection, job),
    deploymentRule(own, jobManager),
    ...(ttl ? scaleRules(`deployments/${jobManager}`, ttl.taskManagers) : []),
  ];
}

/** Fixed parts of the guard's pods that arguments must not change. */
export const ownGuardPod = { ...ownSubmitterPod, role: "guardPod", container: "guard" };

/**
 * Maximum seconds for deleting the Deployment: the pod's own time to stop the job, plus Kubernetes' overhead.
 */
export function guardDeleteSeconds({ startTimeout }: Pick<JobModel, "startTimeout">): number {
  return gracePeriod({ startTimeout }) + 60;
}

function gracePeriod({ startTimeout }: Pick<JobModel, "startTimeout">): number {
  return startTimeout + lastWords;
}

/**
 * A pod that guards the job. The old pod ends before a new one starts, although two at a time would do no
 * harm.
 */
export function guardDeployment(model: JobModel) {
  const { connection, name } = model;
  return {
    metadata: guardMetadata(connection, name),
    spec: {
      replicas: 1,
      revisionHistoryLimit: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: podLabels(model) },
      template: guardTemplate(model),
    },
  } satisfies apps.v1.Deployment;
}

function podLabels({ connection, name }: JobModel): Record<string, string> {
  return { ...selectorLabels(connection.clusterName, "guard"), [jobLabel]: name };
}

/** The guard's pods, with the user's settings. */
function guardTemplate(model: JobModel) {
  const template = ownGuardTemplate(model);
  const { patch } = model.guardPod;
  return patch === undefined ? template : strategicMerge(template, patch);
}

/**
 * The guard's pods before the user's patch. They match the submission's, since the guard submits jobs too,
 * but run another program.
 */
export function ownGuardTemplate(model: JobModel) {
  const { connection, guardPod } = model;
  const { metadata, spec } = ownTemplate({ ...model, submitter: guardPod }, "guard");
  const [container] = spec.containers;
  return {
    metadata: {
      ...metadata,
      labels: { ...guardPod.labels, ...guardMetadata(connection, model.name).labels },
    },
    spec: {
      ...spec,
      restartPolicy: "Always",
      // The job is stopped within this time when it is removed from the program.
      terminationGracePeriodSeconds: gracePeriod(model),
      containers: [
        {
          ...container,
          name: ownGuardPod.container,
          command: ["/bin/bash", `${programDir}/${model.ttl ? "ttl" : "guard"}.sh`],
          lifecycle: { preStop: { exec: { command: ["touch", "/tmp/leaving"] } } },
          env: environment(model, container.env),
          // Ready means that the job is healthy. A probe costs more CPU than the guard itself, so it is rare.
          // The startup probe is frequent: once started, Kubernetes runs the readiness probe at once. A
          // recently started kubelet would wait up to its whole period.
          startupProbe: { exec: { command: probe("started") }, periodSeconds: 1, failureThreshold: 120 },
          readinessProbe: {
            exec: { command: probe("ready") },
            periodSeconds: 15,
            failureThreshold: 1,
            timeoutSeconds: 5,
          },
          resources: withinRange(
            {
              requests: { cpu: "5m", memory: "32Mi", "ephemeral-storage": "16Mi" },
              limits: container.resources.limits,
            },
            connection.limitRange,
          ),
        },
      ],
    },
  } satisfies core.v1.PodTemplateSpec;
}

function probe(file: string): string[] {
  return ["test", "-s", `/tmp/${file}`];
}

function environment({ connection, name, ttl }: JobModel, submitter: core.v1.EnvVar[]): core.v1.EnvVar[] {
  return [
    ...submitter.filter((variable) => variable.name !== "SUBMISSION_UID"),
    { name: "GUARD_NAME", value: guardMetadata(connection, name).name },
    { name: "RESTART_HASH", value: connection.restartHash },
    ...(ttl
      ? [
          { name: "TTL_SECONDS", value: String(ttl.seconds) },
          { name: "TASKMANAGER_WORKLOAD", value: ttl.taskManagers },
        ]
      : []),
    // Part of the id of savepoints that the guard requests.
    { name: "SUBMISSION_UID", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
  ];
}

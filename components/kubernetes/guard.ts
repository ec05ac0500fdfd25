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

/** Seconds beyond startTimeout that the guard may take to end a job that cannot be stopped with a savepoint, and to write that down. */
const lastWords = 120;

/** Metadata of the guard's objects: Deployment, service account, role and its binding have one name. */
export function guardMetadata({ clusterName, namespace }: FlinkConnection, job: string) {
  return {
    name: objectName(`${clusterName}-`, job, "guard"),
    namespace,
    labels: { ...objectLabels(clusterName, "guard"), [jobLabel]: job },
  } satisfies meta.v1.ObjectMeta;
}

/**
 * Read and write one ledger, see whether its own Deployment is being deleted, and for what the JobManager's is; where the pods of a finished job end, say how many
 * there are; nothing else.
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

/** What the guard's pods have of their own, which arguments must leave alone. */
export const ownGuardPod = { ...ownSubmitterPod, role: "guardPod", container: "guard" };

/** Seconds that deleting the Deployment may take: the pod's own time to stop the job, and what Kubernetes needs. */
export function guardDeleteSeconds({ startTimeout }: Pick<JobModel, "startTimeout">): number {
  return gracePeriod({ startTimeout }) + 60;
}

function gracePeriod({ startTimeout }: Pick<JobModel, "startTimeout">): number {
  return startTimeout + lastWords;
}

/** One pod that looks after the job. The old one goes before a new one comes, though two at once would do no harm. */
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

/** The guard's pods, with what the user gives them. */
function guardTemplate(model: JobModel) {
  const template = ownGuardTemplate(model);
  const { patch } = model.guardPod;
  return patch === undefined ? template : strategicMerge(template, patch);
}

/** The guard's pods before the user's patch: as those of the submission, since it has to submit a job too, but with another program. */
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
      // When the job is taken out of the program, it is stopped in this time.
      terminationGracePeriodSeconds: gracePeriod(model),
      containers: [
        {
          ...container,
          name: ownGuardPod.container,
          command: ["/bin/bash", `${programDir}/${model.ttl ? "ttl" : "guard"}.sh`],
          lifecycle: { preStop: { exec: { command: ["touch", "/tmp/leaving"] } } },
          env: environment(model, container.env),
          // Ready is whether the job is well. A probe costs more CPU than all that the guard does meanwhile, so it is rare. The first one
          // is not: once started, Kubernetes probes at once, and a kubelet that is younger than the period waits for up to that long.
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
    // Part of the id of a savepoint that it asks for.
    { name: "SUBMISSION_UID", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
  ];
}

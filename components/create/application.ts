import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { FlinkApplicationArgs } from "../args/application";
import { carriedJobModel } from "../args/carried-job";
import type { JobModel } from "../args/check-job";
import { launchBinding, launchRole, type Step, stepDeadline, stepJob } from "../kubernetes/application";
import {
  ledgerAnnotations,
  ledgerMetadata,
  programConfigMap,
  revisionAnnotation,
  submitterMetadata,
  submitterRules,
} from "../kubernetes/submission";
import { contentHash } from "../names";
import { createConfigMap } from "./config-map";
import { child, type Creation, replacedFirst } from "./context";
import { createLedger, saidOf } from "./ledger";

/** The job of an application, and its revision. */
export interface CarriedJob {
  model: pulumi.Output<JobModel>;
  /** The parts that are known at once: everything but the state that the job starts from. */
  known: JobModel;
  revision: pulumi.Output<string>;
}

/**
 * The job of an application's JobManager. Everything that restarts the JobManager creates a new revision of
 * it.
 */
export function carriedJob(
  { model }: Creation,
  args: FlinkApplicationArgs,
  restartHash: pulumi.Output<string>,
): CarriedJob {
  const { initialSavepoint, restoreNonce } = args;
  const known = carriedJobModel(model, args);
  const nonce = pulumi.output(restoreNonce);
  const revision = pulumi
    .all([restartHash, nonce])
    .apply(([hash, given]) => (given === undefined ? hash : contentHash([hash, given])));
  const open = pulumi.unsecret(revision);
  const resolved = pulumi.all([open, pulumi.output(initialSavepoint), nonce]);
  return {
    known,
    revision: open,
    model: resolved.apply(([carriedRevision, savepoint, given]) => ({
      ...known,
      carriedRevision,
      ...(savepoint === undefined ? {} : { initialSavepoint: savepoint }),
      ...(given === undefined ? {} : { restoreNonce: String(given) }),
    })),
  };
}

/** Objects and work that must be complete before the JobManager of a revision is created. */
export function createPreparation(
  creation: Creation,
  job: CarriedJob,
  needed: pulumi.Resource[],
): pulumi.Resource {
  const { model } = creation;
  const { known, revision } = job;
  const { name } = model;
  const options = child(creation, needed);
  const ledger = createLedger(
    `${name}-ledger`,
    {
      metadata: {
        ...ledgerMetadata(known.connection, name),
        annotations: { ...ledgerAnnotations(known), [revisionAnnotation]: revision },
      },
      retained: known.retainLedger,
    },
    options,
  );
  const role = new k8s.rbac.v1.Role(`${name}-jobmanager-ledger`, launchRole(model, known), options);
  const binding = new k8s.rbac.v1.RoleBinding(
    `${name}-jobmanager-ledger`,
    launchBinding(model),
    child(creation, [...needed, role]),
  );
  const rights = createRights(creation, known, options);
  // The name must not depend on the revision, which may not be known yet.
  const { metadata, data } = programConfigMap({ ...known, carriedRevision: "any" });
  const program = createConfigMap(`${name}-program`, { metadata, immutable: true, data }, options);
  const all = [...needed, ledger, role, binding, ...rights, program];
  return createStep(creation, job, "prepare", all);
}

/** Completes when the job runs, or fails with the reason why it does not. */
export function createStart(
  creation: Creation,
  job: CarriedJob,
  needed: pulumi.Resource[],
): k8s.batch.v1.Job {
  return createStep(creation, job, "start", needed);
}

/** The ledger's content after the start. */
export function readLedger(
  creation: Creation,
  job: CarriedJob,
  start: k8s.batch.v1.Job,
): pulumi.Output<Record<string, string>> {
  const { name, namespace } = ledgerMetadata(job.known.connection, creation.model.name);
  // Reads only after the Job has completed; in a preview that is not known yet.
  const id = start.id.apply(() => `${namespace}/${name}`);
  const ledger = k8s.core.v1.ConfigMap.get(`${creation.model.name}-result`, id, { parent: creation.parent });
  return pulumi.all([ledger.data, job.revision]).apply(([entries, revision]) => saidOf(revision, entries));
}

function createStep(
  creation: Creation,
  { model, known }: CarriedJob,
  step: Step,
  needed: pulumi.Resource[],
): k8s.batch.v1.Job {
  const args = model.apply((resolved) => stepJob(resolved, step));
  // Longer than the Job's own deadline, so that users see the Job's own reason.
  const seconds = stepDeadline(known) + 60;
  return new k8s.batch.v1.Job(
    `${creation.model.name}-${step}`,
    { metadata: args.metadata, spec: args.spec },
    {
      ...child(creation, needed),
      ...replacedFirst,
      customTimeouts: { ...creation.timeouts, create: `${seconds}s`, update: `${seconds}s` },
    },
  );
}

/** Service account of the steps' pods, and its rights at the Kubernetes API server. */
function createRights(
  creation: Creation,
  known: JobModel,
  options: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): pulumi.Resource[] {
  const { name } = creation.model;
  const { serviceAccount } = known.submitter;
  const metadata = submitterMetadata(known.connection, name);
  const account = serviceAccount.create
    ? [
        new k8s.core.v1.ServiceAccount(
          `${name}-submitter`,
          {
            metadata: { ...metadata, annotations: serviceAccount.annotations },
            automountServiceAccountToken: false,
          },
          options,
        ),
      ]
    : [];
  const role = new k8s.rbac.v1.Role(
    `${name}-submitter`,
    { metadata, rules: submitterRules(known.connection, known.name) },
    options,
  );
  const binding = new k8s.rbac.v1.RoleBinding(
    `${name}-submitter`,
    {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name },
      subjects: [{ kind: "ServiceAccount", name: serviceAccount.name, namespace: metadata.namespace }],
    },
    { parent: creation.parent, dependsOn: [...options.dependsOn, ...account, role] },
  );
  return [...account, role, binding];
}

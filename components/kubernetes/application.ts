import type { rbac } from "@pulumi/kubernetes/types/input";
import type { JobModel } from "../args/check-job";
import type { ClusterModel } from "../args/model";
import { objectLabels, objectName } from "../names";
import { ledgerRule, objectMetadata, programDir, revisionOf, submissionJob } from "./submission";

/** The step before the JobManager of a new revision is created, and the step after. */
export type Step = "prepare" | "start";

/** Deadline of a step's Job. Its program reaches a verdict before that. */
export function stepDeadline({ startTimeout }: Pick<JobModel, "startTimeout">): number {
  return startTimeout + 90;
}

/** The Job of one step of one revision. It differs from a submission Job only in its program. */
export function stepJob(model: JobModel, step: Step) {
  const { metadata, spec } = submissionJob(model);
  const { template } = spec;
  const command = ["/bin/bash", `${programDir}/application-${step}.sh`];
  const containers = template.spec.containers.map((container) =>
    container.name === "submitter" ? { ...container, command } : container,
  );
  return {
    metadata: {
      ...metadata,
      ...objectMetadata(model.connection, model.name, `${step}-${revisionOf(model)}`),
    },
    spec: {
      ...spec,
      activeDeadlineSeconds: stepDeadline(model),
      template: { ...template, spec: { ...template.spec, containers } },
    },
  };
}

/**
 * Rights of the JobManager at the Kubernetes API server: before each start it reads its ledger and records
 * there what it starts.
 */
export function launchRole(model: ClusterModel, { connection, name }: JobModel) {
  return {
    metadata: launchMetadata(model),
    rules: [ledgerRule(connection, name)],
  } satisfies rbac.v1.Role;
}

export function launchBinding(model: ClusterModel) {
  const metadata = launchMetadata(model);
  const { name } = model.jobManager.pod.serviceAccount;
  return {
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name },
    subjects: [{ kind: "ServiceAccount", name, namespace: model.namespace.name }],
  } satisfies rbac.v1.RoleBinding;
}

function launchMetadata({ name, namespace }: ClusterModel) {
  return {
    name: objectName(name, "jobmanager", "ledger"),
    namespace: namespace.name,
    labels: objectLabels(name, "jobmanager"),
  };
}

/** The variable that tells a JobManager its revision, a hash of the rest of the pod. */
export const revisionVariable = "FLINK_KUBERNETES_REVISION";

interface AnyDeployment {
  metadata: { annotations?: object };
  spec: { template: { spec: { containers: { name: string; env?: unknown[] }[] } } };
}

/**
 * The JobManager's Deployment of an application. Its pods know their revision. The update does not wait for
 * it: the start Job does, and can report why it waits in vain.
 */
export function carrying<Deployment extends AnyDeployment>(
  deployment: Deployment,
  revision: unknown,
  { ttl = false }: { ttl?: boolean } = {},
): Deployment {
  const { metadata, spec } = deployment;
  const { template } = spec;
  const containers = template.spec.containers.map((container) =>
    container.name === "jobmanager"
      ? { ...container, env: [...(container.env ?? []), { name: revisionVariable, value: revision }] }
      : container,
  );
  const annotations = {
    ...metadata.annotations,
    "pulumi.com/skipAwait": "true",
    // The guard set the pods' number when it removed them. Without a forced patch, the next revision's number
    // would be refused as a conflict.
    ...(ttl ? { "pulumi.com/patchForce": "true" } : {}),
  };
  return {
    ...deployment,
    metadata: { ...metadata, annotations },
    spec: { ...spec, template: { ...template, spec: { ...template.spec, containers } } },
  };
}

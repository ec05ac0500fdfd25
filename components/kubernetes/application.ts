import type { rbac } from "@pulumi/kubernetes/types/input";
import type { JobModel } from "../args/check-job";
import type { ClusterModel } from "../args/model";
import { objectLabels, objectName } from "../names";
import { ledgerRule, objectMetadata, programDir, revisionOf, submissionJob } from "./submission";

/** What is done before the JobManager of a new revision is made, and after. */
export type Step = "prepare" | "start";

/** How long Kubernetes lets the Job of a step live: its program comes to a verdict before. */
export function stepDeadline({ startTimeout }: Pick<JobModel, "startTimeout">): number {
  return startTimeout + 90;
}

/** The Job of one step of one revision: a submission Job in all but the program that its pods run. */
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

/** What the JobManager does at the Kubernetes API server each time before it starts: read its ledger, and say there what it starts. */
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

/** The variable that tells a JobManager which revision it is. It is a hash of all the rest of the pod. */
export const revisionVariable = "FLINK_KUBERNETES_REVISION";

interface AnyDeployment {
  metadata: { annotations?: object };
  spec: { template: { spec: { containers: { name: string; env?: unknown[] }[] } } };
}

/** The Deployment of a JobManager that carries a job: its pods know their revision. The start Job waits for it, and can say why it waits in vain. */
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
    // The guard that has ended the pods said their number last: the next revision's would be refused as a conflict.
    ...(ttl ? { "pulumi.com/patchForce": "true" } : {}),
  };
  return {
    ...deployment,
    metadata: { ...metadata, annotations },
    spec: { ...spec, template: { ...template, spec: { ...template.spec, containers } } },
  };
}

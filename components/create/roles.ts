import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { carrying } from "../kubernetes/application";
import { roleConfigMap } from "../kubernetes/configuration";
import { jobManagerDeployment, jobManagerTemplate } from "../kubernetes/deployments";
import {
  keepsReplicas,
  taskManagerDeployment,
  taskManagerService,
  taskManagerStatefulSet,
  taskManagerTemplate,
} from "../kubernetes/task-managers";
import type { ClusterModel } from "../args/model";
import { contentHash } from "../names";
import { createConfigMap } from "./config-map";
import { child, type Creation } from "./context";
import type { HashedSecret } from "./secret";

/** The JobManager. */
export function createJobManager(
  creation: Creation,
  needed: pulumi.Resource[],
  prepared: pulumi.Resource,
  secret: HashedSecret | undefined,
  restartHash: pulumi.Output<string>,
): pulumi.Resource {
  const { model } = creation;
  const configMap = createRoleConfigMap(creation, "jobmanager", needed);
  const deployment = jobManagerDeployment(model, jobManagerPod(model, secret), restartHash);
  return new k8s.apps.v1.Deployment(
    `${model.name}-jobmanager`,
    model.application ? carrying(deployment, restartHash, model.application) : deployment,
    child(creation, [...needed, prepared, configMap]),
  );
}

function jobManagerPod(model: ClusterModel, secret: HashedSecret | undefined) {
  const { metadata } = roleConfigMap(model, "jobmanager");
  return withHash(jobManagerTemplate(model, metadata.name), "jobmanager", secret);
}

/** The TaskManagers. */
export function createTaskManager(
  creation: Creation,
  needed: pulumi.Resource[],
  prepared: pulumi.Resource,
  secret: HashedSecret | undefined,
): pulumi.Resource {
  const { model } = creation;
  const configMap = createRoleConfigMap(creation, "taskmanager", needed);
  const { metadata } = roleConfigMap(model, "taskmanager");
  const template = withHash(taskManagerTemplate(model, metadata.name), "taskmanager", secret);
  const { localRecovery } = model.taskManagers;
  // The owner of the number is an autoscaler or a person: setting it in an update would undo their work.
  const ignoreChanges = keepsReplicas(model) ? ["spec.replicas"] : [];
  if (!localRecovery) {
    return new k8s.apps.v1.Deployment(`${model.name}-taskmanager`, taskManagerDeployment(model, template), {
      ...child(creation, [...needed, prepared, configMap]),
      ignoreChanges,
    });
  }
  const service = new k8s.core.v1.Service(
    `${model.name}-taskmanager`,
    taskManagerService(model),
    child(creation, needed),
  );
  return new k8s.apps.v1.StatefulSet(
    `${model.name}-taskmanager`,
    taskManagerStatefulSet(model, localRecovery, template),
    { ...child(creation, [...needed, prepared, configMap, service]), ignoreChanges },
  );
}

function createRoleConfigMap(creation: Creation, role: Role, needed: pulumi.Resource[]): pulumi.Resource {
  const config = roleConfigMap(creation.model, role);
  return createConfigMap(`${creation.model.name}-${role}-conf`, config, child(creation, needed));
}

type Role = "jobmanager" | "taskmanager";

type Template = ReturnType<typeof jobManagerTemplate>;

/** Only this annotation is an Output, so the rest of the pod stays readable and known in previews. */
export function withHash(template: Template, role: Role, secret: HashedSecret | undefined) {
  if (!secret) return template;
  const { metadata, spec } = template;
  const annotations = { ...metadata.annotations, "flink-kubernetes/config-hash": secret.hash[role] };
  return { metadata: { ...metadata, annotations }, spec };
}

/**
 * Hash of everything whose change loses the running jobs. With high availability these are its ids. Without
 * it, or in an application, it is everything that restarts the JobManager. The hash is part of object names,
 * so it must be known in previews: a mark replaces unknown values.
 */
export function restartHashOf({ model }: Creation, secret: HashedSecret | undefined): pulumi.Output<string> {
  if (model.highAvailability && !model.application) return pulumi.output(contentHash(model.highAvailability));
  // Whoever may read the pods may read everything that is hashed here.
  const known = pulumi.output(markUnknown(jobManagerPod(model, secret))) as pulumi.Output<unknown>;
  return pulumi.unsecret(known.apply(contentHash));
}

/** Replaces every unknown Output with a mark: a single one would make the whole value unknown. */
function markUnknown(value: unknown): unknown {
  if (pulumi.Output.isInstance(value)) {
    const { isKnown } = value as unknown as { isKnown: Promise<boolean> };
    return isKnown.then((known) => (known ? value : "not known yet"));
  }
  if (value instanceof Promise || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(markUnknown);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, markUnknown(inner)]));
}

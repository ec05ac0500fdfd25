import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { roleConfigMap } from "../kubernetes/configuration";
import {
  jobManagerDeployment,
  jobManagerTemplate,
  taskManagerDeployment,
  taskManagerTemplate,
} from "../kubernetes/deployments";
import { contentHash } from "../names";
import { child, type Creation } from "./context";
import type { HashedSecret } from "./secret";

/** The JobManager, and the hash of everything that restarts it. */
export function createJobManager(
  creation: Creation,
  needed: pulumi.Resource[],
  secret: HashedSecret | undefined,
) {
  const { model } = creation;
  const { configMap, name } = createConfigMap(creation, "jobmanager", needed);
  const template = jobManagerTemplate(model, name);
  const deployment = new k8s.apps.v1.Deployment(
    `${model.name}-jobmanager`,
    jobManagerDeployment(model, withHash(template, secret)),
    child(creation, [...needed, configMap]),
  );
  return { deployment, restartHash: restartHashOf(template, secret) };
}

/** The TaskManagers. */
export function createTaskManager(
  creation: Creation,
  needed: pulumi.Resource[],
  secret: HashedSecret | undefined,
): pulumi.Resource {
  const { model } = creation;
  const { configMap, name } = createConfigMap(creation, "taskmanager", needed);
  return new k8s.apps.v1.Deployment(
    `${model.name}-taskmanager`,
    taskManagerDeployment(model, withHash(taskManagerTemplate(model, name), secret)),
    {
      ...child(creation, [...needed, configMap]),
      // The autoscaler owns the number from the moment it exists; setting it again would undo its work.
      ignoreChanges: "replicas" in model.scaling ? [] : ["spec.replicas"],
    },
  );
}

function createConfigMap(
  creation: Creation,
  role: "jobmanager" | "taskmanager",
  needed: pulumi.Resource[],
): { configMap: pulumi.Resource; name: string } {
  const config = roleConfigMap(creation.model, role);
  const configMap = new k8s.core.v1.ConfigMap(
    `${creation.model.name}-${role}-conf`,
    config,
    child(creation, needed),
  );
  return { configMap, name: config.metadata.name };
}

type Template = ReturnType<typeof jobManagerTemplate>;

/** Only this one annotation is an Output: the pods around it stay readable and known in previews. */
function withHash(template: Template, secret: HashedSecret | undefined) {
  if (!secret) return template;
  const { metadata, spec } = template;
  const annotations = { ...metadata.annotations, "flink-kubernetes/config-hash": secret.hash };
  return { metadata: { ...metadata, annotations }, spec };
}

/**
 * Hash of everything that restarts the JobManager. Names of jobs' objects contain it, so it is known in previews too: while
 * the Secret's content is not known, the hash of the rest stands in its place.
 */
function restartHashOf(template: Template, secret: HashedSecret | undefined): pulumi.Output<string> {
  if (!secret) return pulumi.output(contentHash(template));
  const { isKnown } = secret.hash as unknown as { isKnown: Promise<boolean> };
  return pulumi
    .output(isKnown.then((known) => (known ? secret.hash : "not known yet")))
    .apply((hash) => contentHash([template, hash]));
}

import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import {
  prepareAccount,
  prepareBinding,
  prepareDeadline,
  prepareJob,
  prepareProgram,
  prepareRole,
} from "../kubernetes/prepare";
import { createConfigMap } from "./config-map";
import { child, type Creation, replacedFirst } from "./context";

/**
 * Stops the jobs with their state before a change that would lose them. JobManager and TaskManagers wait for
 * it. On a new cluster it has nothing to do.
 */
export function createPrepare(
  creation: Creation,
  needed: pulumi.Resource[],
  restartHash: pulumi.Output<string>,
): pulumi.Resource {
  const { model } = creation;
  const { name } = model;
  const options = child(creation, needed);
  const account = model.prepare.pod.serviceAccount.create
    ? [new k8s.core.v1.ServiceAccount(`${name}-prepare`, prepareAccount(model), options)]
    : [];
  const role = new k8s.rbac.v1.Role(`${name}-prepare`, prepareRole(model), options);
  const binding = new k8s.rbac.v1.RoleBinding(
    `${name}-prepare`,
    prepareBinding(model),
    child(creation, [...needed, role]),
  );
  const program = createConfigMap(`${name}-prepare-program`, prepareProgram(model), options);
  const seconds = `${prepareDeadline(model) + 60}s`;
  const job = restartHash.apply((hash) => prepareJob(model, hash));
  return new k8s.batch.v1.Job(
    `${name}-prepare`,
    { metadata: job.metadata, spec: job.spec },
    {
      ...child(creation, [...needed, ...account, role, binding, program]),
      ...replacedFirst,
      // Longer than the Job's own deadline, so that users see the Job's own reason.
      customTimeouts: { ...creation.timeouts, create: seconds, update: seconds },
    },
  );
}

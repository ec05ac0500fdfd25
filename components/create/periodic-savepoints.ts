import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { JobModel } from "../args/check-job";
import type { PeriodicSavepointsArgs } from "../args/savepoints";
import { periodicSavepoints } from "../kubernetes/periodic-savepoints";

/** The CronJob for a schedule, if any. */
export function createPeriodicSavepoints(
  parent: pulumi.Resource,
  name: string,
  savepoints: PeriodicSavepointsArgs | undefined,
  model: pulumi.Output<JobModel>,
  dependsOn: pulumi.Resource[],
): void {
  if (savepoints === undefined) return;
  const args = model.apply((it) => periodicSavepoints(it, savepoints));
  new k8s.batch.v1.CronJob(
    `${name}-savepoints`,
    { metadata: args.metadata, spec: args.spec },
    { parent, dependsOn },
  );
}

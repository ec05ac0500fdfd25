import type { batch, core } from "@pulumi/kubernetes/types/input";
import type { JobModel } from "../args/check-job";
import { defaultKeptSavepoints, type PeriodicSavepointsArgs } from "../args/savepoints";
import { cronJobName } from "../names";
import { programDir, submitterMetadata, submitterTemplate, withoutStateKeys } from "./submission";

/**
 * The submission's pods with the program for savepoints and its parameters. The commands for jobs build such
 * a Job from an existing submission Job, too.
 */
export function savepointTemplate(
  { metadata, spec }: core.v1.PodTemplateSpec,
  settings: Record<string, string>,
): core.v1.PodTemplateSpec {
  const { containers, ...rest } = spec as core.v1.PodSpec;
  const env = Object.entries(settings).map(([name, value]) => ({ name, value }));
  const command = ["/bin/bash", `${programDir}/savepoint.sh`];
  return {
    metadata,
    spec: {
      ...rest,
      containers: (containers as core.v1.Container[]).map((container) =>
        container.name === "submitter"
          ? { ...container, command, env: [...((container.env ?? []) as core.v1.EnvVar[]), ...env] }
          : container,
      ),
    },
  };
}

/** Scheduled savepoints. They never stop a job; a failed one is repeated at the next scheduled time. */
export function periodicSavepoints(model: JobModel, { schedule, timeZone, keep }: PeriodicSavepointsArgs) {
  const { connection, name } = model;
  const settings = { VERB: "take", KIND: "periodic", KEEP: String(keep ?? defaultKeptSavepoints) };
  return {
    metadata: {
      ...submitterMetadata(connection, name),
      name: cronJobName(`${connection.clusterName}-`, name, "savepoints"),
    },
    spec: {
      schedule: schedule.trim(),
      ...(timeZone === undefined ? {} : { timeZone }),
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 600,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          backoffLimit: 2,
          activeDeadlineSeconds: 2 * model.startTimeout + 90,
          template: savepointTemplate(submitterTemplate(withoutStateKeys(model), "guard"), settings),
        },
      },
    },
  } satisfies batch.v1.CronJob;
}

import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { JobModel } from "../args/check-job";
import { programConfigMap, type ProgramOf } from "../kubernetes/submission";
import { replacedFirst } from "./context";

interface Creation {
  parent: pulumi.Resource;
  /** Name of the resource. */
  name: string;
  of: ProgramOf;
  /** Whether it includes the files for SQL scripts. */
  sql: boolean;
  model: pulumi.Output<JobModel>;
}

/** The program in the pods of a job. */
export function createProgram(
  { parent, name, of, sql, model }: Creation,
  dependsOn: pulumi.Resource[],
): pulumi.Resource {
  const { metadata, data, binaryData } = model.apply((it) => programConfigMap(it, of));
  return new k8s.core.v1.ConfigMap(
    name,
    {
      metadata,
      immutable: true,
      data,
      ...(sql ? { binaryData: binaryData as pulumi.Output<Record<string, string>> } : {}),
    },
    { parent, dependsOn, ...replacedFirst },
  );
}

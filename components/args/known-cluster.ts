import { findRelease, nearestVersion } from "../flink/versions";
import { connectionOf } from "../kubernetes/connection";
import type { Problem } from "../problems";
import { checkJob, jobModel, type ResolvedJobArgs } from "./check-job";
import { checkJobOptions, checkOnCluster } from "./check-job-config";
import type { FlinkClusterArgs } from "./cluster";
import type { FlinkConnection } from "./connection";
import type { FlinkJobArgs } from "./job";
import type { ClusterModel } from "./model";
import { isLater, isPlainObject } from "./shape";

/** Data about a cluster that is known while the program runs, before the cluster exists. */
export interface KnownCluster {
  flinkVersion: string;
  /** Absent if the cluster has problems. */
  connection?: FlinkConnection;
}

/**
 * Placeholder for the restart hash: a job's problems do not depend on it, and nothing is submitted with it.
 */
const hashToCome = "to come";

export function knownCluster(args: FlinkClusterArgs, model: ClusterModel | undefined): KnownCluster {
  const given: unknown = (args as FlinkClusterArgs | undefined)?.flinkVersion;
  const version = typeof given === "string" ? given : "";
  return {
    flinkVersion: findRelease(version) ? version : nearestVersion(version),
    ...(model ? { connection: connectionOf(model, hashToCome) } : {}),
  };
}

/**
 * Reports all problems of a job that are visible while the program runs, including those with its cluster.
 * Outputs among the arguments are checked once they have values.
 */
export function checkJobOn(cluster: KnownCluster | undefined, name: string, args: FlinkJobArgs): Problem[] {
  const connection = cluster?.connection ?? plainConnection(args);
  const problems = checkJob(name, connection ? { ...args, cluster: connection } : args, args);
  if (connection && problems.length === 0) {
    const known = { ...(withoutLater(args) as object), cluster: connection };
    return checkOnCluster(jobModel(name, known as ResolvedJobArgs), args).problems;
  }
  const version = connection?.flinkVersion ?? cluster?.flinkVersion;
  if (version === undefined) return problems;
  const told = new Set(problems.map(({ path }) => path));
  return [...problems, ...checkJobOptions(args, version).problems.filter(({ path }) => !told.has(path))];
}

/** A connection that is written out, for a cluster of another program. */
function plainConnection(args: FlinkJobArgs | undefined): FlinkConnection | undefined {
  const given: unknown = args?.cluster;
  const isWritten = isPlainObject(given) && !Object.values(given).some(isLater);
  return isWritten ? (given as unknown as FlinkConnection) : undefined;
}

function withoutLater(value: unknown): unknown {
  if (isLater(value)) return undefined;
  if (Array.isArray(value)) return value.filter((item) => !isLater(item)).map(withoutLater);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => !isLater(inner))
      .map(([key, inner]) => [key, withoutLater(inner)]),
  );
}

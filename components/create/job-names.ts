import * as pulumi from "@pulumi/pulumi";
import type { FlinkConnection } from "../args/connection";
import type { Problem } from "../problems";

type Names = Map<pulumi.Resource | undefined, Map<string, pulumi.Resource>>;

/**
 * For each run of a program: the component of each job, by provider, cluster and job. Two Kubernetes clusters
 * may have the same names.
 */
const runs = new WeakMap<object, Names>();

/**
 * Two jobs of one name on one cluster would share a ledger and stop each other. The engine refuses only two
 * components with one URN, and the same name may exist below different parents.
 */
export function checkJobName(
  job: pulumi.Resource,
  { namespace, clusterName }: FlinkConnection,
  name: string,
): Problem[] {
  const run = (pulumi.runtime.getMonitor() as object | undefined) ?? runs;
  const names = getOrMake(runs, run, () => new Map() as Names);
  const jobs = getOrMake(names, job.getProvider("kubernetes:batch/v1:Job"), () => new Map());
  const holder = getOrMake(jobs, `${namespace}/${clusterName}/${name}`, () => job);
  if (holder === job) return [];
  const reason = `another FlinkJob of this program has the same name on cluster ${clusterName} in namespace ${namespace}, and the name identifies the job`;
  return [{ path: "name", value: name, reason, fix: "give one of them another name" }];
}

function getOrMake<K, V>(
  map: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

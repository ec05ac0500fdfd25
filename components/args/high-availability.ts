import type { ShapeOf } from "./shape";

/**
 * Lets jobs survive the JobManager: who leads, and which jobs run, stands in ConfigMaps of the namespace, and what belongs to the jobs in
 * durable storage (`high-availability.type: kubernetes`). `highAvailability: {}` turns it on. It needs `storage`. The JobManager gets the right to
 * read and write ConfigMaps of the namespace, the TaskManagers to read them; nobody gets more. How fast a standby JobManager takes over from
 * one that died follows from `high-availability.kubernetes.leader-election.*` in `config`: here 15 s, renewed every 2 s; one that is stopped hands
 * over at once, though with Flink 1.20 sometimes not before its lease has run out.
 *
 * The ConfigMaps outlive the JobManager on purpose. A namespace that the component made takes them with it. In another one they stay when the
 * cluster is deleted, and a cluster of the same name, stack and Flink minor version takes up the old jobs again; another `generation`
 * does not, and `kubectl delete configmap --namespace NAMESPACE --selector app=ID` removes them (ID is the cluster's output
 * `highAvailabilityId`). A new Flink minor version begins without the old jobs too: it could not read them.
 */
export interface HighAvailabilityArgs {
  /**
   * Directory for what belongs to the jobs (`high-availability.storageDir`), in the same file system as `storage.directory`. Clusters may share
   * one: each has a directory of its own in it. In another directory the cluster begins without the jobs it had. Default: `ha` below
   * `storage.directory`.
   */
  storageDirectory?: string;

  /**
   * Another number makes the cluster begin without the jobs it had: it takes new ids for its ConfigMaps and its directory, and what is
   * under the old ones stays. Default: 1.
   */
  generation?: number;
}

export const highAvailabilityShape: ShapeOf<HighAvailabilityArgs> = {
  storageDirectory: "text",
  generation: "number",
};

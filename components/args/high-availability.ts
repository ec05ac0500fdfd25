import type { ShapeOf } from "./shape";

/**
 * Lets jobs survive a failure of the JobManager (`high-availability.type: kubernetes`).
 * `highAvailability: {}` turns it on. It needs `storage`. ConfigMaps of the namespace record the leader and
 * the running jobs; the data of the jobs is in durable storage. The JobManager gets the right to read and
 * write ConfigMaps of the namespace, the TaskManagers to read them; nobody gets more.
 *
 * `high-availability.kubernetes.leader-election.*` in `config` determines how fast a standby JobManager
 * replaces a failed one. Here the lease lasts 15 s and is renewed every 2 s. A JobManager that stops normally
 * hands over at once; with Flink 1.20 sometimes only when its lease has expired.
 *
 * The ConfigMaps outlive the JobManager on purpose. A namespace that the component created takes them with
 * it. In any other namespace they stay when the cluster is deleted. A later cluster of the same name, stack
 * and Flink minor version then resumes the old jobs; another `generation` prevents that.
 * `kubectl delete configmap --namespace NAMESPACE --selector app=ID` removes them (ID is the cluster's output
 * `highAvailabilityId`). A new Flink minor version also starts without the old jobs, because it could not
 * read them.
 */
export interface HighAvailabilityArgs {
  /**
   * Directory for the data of the jobs (`high-availability.storageDir`), in the same file system as
   * `storage.directory`. Clusters may share it, since each uses its own subdirectory. With another directory
   * the cluster starts without its previous jobs. Default: `ha` below `storage.directory`.
   */
  storageDirectory?: string;

  /**
   * Another number makes the cluster start without its previous jobs: it uses new ids for its ConfigMaps and
   * its directory. The data under the old ids stays. Default: 1.
   */
  generation?: number;
}

export const highAvailabilityShape: ShapeOf<HighAvailabilityArgs> = {
  storageDirectory: "text",
  generation: "number",
};

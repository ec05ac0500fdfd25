import type { ShapeOf } from "./shape";

/** The namespace of a cluster. */
export interface NamespaceArgs {
  /**
   * Name of the namespace. Default: the name of the cluster. A change moves the cluster: everything is
   * created anew.
   */
  name?: string;

  /**
   * Whether to create the namespace. A created namespace enforces the Pod Security Standard `restricted`, and
   * is deleted with the cluster. An existing one (false) is used as it is: only the cluster's own objects are
   * added. Default: true.
   */
  create?: boolean;

  /**
   * Whether a created namespace is protected. An update or destroy that would delete it, with everything in
   * it, is refused until this is set to false and applied. Default: true, and false with `retain`.
   */
  protect?: boolean;

  /**
   * Whether a created namespace stays, without the cluster, when the stack is destroyed or the cluster is
   * removed from the program. An existing namespace of this name is then adopted instead of refused. Use it
   * for objects that must outlive the stack, such as ledgers (`retainLedger` of jobs). Default: false. A
   * change does not affect the running cluster.
   */
  retain?: boolean;

  /**
   * Total resources for all pods of a created namespace, as the `hard` limits of a ResourceQuota:
   * `requests.cpu`, `limits.memory`, `pods`, … It must leave room for the cluster at its largest, `prepare`
   * included, and for the pods of each job. With a quota for cpu or memory, every container must set its
   * amounts, sidecars and init containers too, unless `limitRange` sets them. Default: no quota. A change
   * restarts no pod.
   */
  quota?: { [resource: string]: string };

  /**
   * Bounds and defaults of each container in a created namespace (a LimitRange). The small pods (`prepare`,
   * submissions, guards) are adjusted to fit. All others, and all extra settings, are checked against it.
   * Default: none. A change restarts no running Flink pod.
   */
  limitRange?: LimitRangeArgs;
}

/**
 * Bounds and defaults of each container, as Kubernetes quantities by resource (`cpu`, `memory`,
 * `ephemeral-storage`).
 */
export interface LimitRangeArgs {
  /** Largest limit that a container may have. Default: no bound. */
  max?: { [resource: string]: string };

  /** Smallest request that a container may have. Default: no bound. */
  min?: { [resource: string]: string };

  /** Limit of containers that set none, such as sidecars. Default: `max`. */
  default?: { [resource: string]: string };

  /** Request of containers that set neither a request nor a limit. Default: `default`, else `min`. */
  defaultRequest?: { [resource: string]: string };
}

const limitRange: ShapeOf<LimitRangeArgs> = {
  max: "amountMap",
  min: "amountMap",
  default: "amountMap",
  defaultRequest: "amountMap",
};

export const namespaceShape: ShapeOf<NamespaceArgs> = {
  name: "text",
  create: "boolean",
  protect: "boolean",
  retain: "boolean",
  quota: "amountMap",
  limitRange: { object: limitRange },
};

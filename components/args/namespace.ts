import type { ShapeOf } from "./shape";

/** The namespace that a cluster lives in. */
export interface NamespaceArgs {
  /** Name of the namespace. Default: the name of the cluster. Changing it moves the cluster: everything is made anew. */
  name?: string;

  /**
   * Whether to create it. A created one enforces the Pod Security Standard `restricted`, and goes away with the cluster. An existing one
   * (false) is used as it is: nothing is added to it but the cluster's own objects. Default: true.
   */
  create?: boolean;

  /**
   * Whether a created namespace is protected: an update or a destroy that would delete it, and with it everything that it holds, is
   * refused until this is set to false and applied. Default: true, and false with `retain`.
   */
  protect?: boolean;

  /**
   * Whether a created namespace stays, without the cluster, when the stack is destroyed or the cluster is taken out of the program; a namespace of this name that is
   * there already is then taken over instead of refused. For what is to outlive the stack in it, such as ledgers (`retainLedger` of jobs). Default: false.
   * Changing it changes nothing that runs.
   */
  retain?: boolean;

  /**
   * What all pods of a created namespace may use together, as the `hard` limits of a ResourceQuota: `requests.cpu`, `limits.memory`,
   * `pods`, … It must leave room for the cluster at its largest, `prepare` included, and for the pods of each job. With a quota of cpu or memory every container must say
   * its amounts, sidecars and init containers too, or `limitRange` gives them. Default: no quota. Changing it touches no pod.
   */
  quota?: { [resource: string]: string };

  /**
   * What one container of a created namespace may and does use (a LimitRange). The small pods (`prepare`, submissions, guards) are made to fit; all others, and what they are given besides,
   * are held against it. Default: none. Changing it touches no running pod of Flink.
   */
  limitRange?: LimitRangeArgs;
}

/** Bounds and defaults of each container, as Kubernetes quantities by resource (`cpu`, `memory`, `ephemeral-storage`). */
export interface LimitRangeArgs {
  /** Most that a container may have as a limit. Default: no bound. */
  max?: { [resource: string]: string };

  /** Least that a container may request. Default: no bound. */
  min?: { [resource: string]: string };

  /** Limit of containers that give none, such as sidecars. Default: `max`. */
  default?: { [resource: string]: string };

  /** Request of containers that give neither it nor a limit. Default: `default`, else `min`. */
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

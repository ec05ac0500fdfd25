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
   * `pods`, … It must leave room for the cluster at its largest. Default: no quota. Changing it touches no pod.
   */
  quota?: { [resource: string]: string };

  /** What one container of a created namespace may and does use (a LimitRange). Default: none. Changing it touches no running pod. */
  limitRange?: LimitRangeArgs;
}

/** Bounds and defaults of each container, as Kubernetes quantities by resource (`cpu`, `memory`, `ephemeral-storage`). */
export interface LimitRangeArgs {
  /** Most that a container may have as a limit. Default: no bound. */
  max?: { [resource: string]: string };

  /** Least that a container may request. Default: no bound. */
  min?: { [resource: string]: string };

  /** Limit of containers that give none. This cluster's give all of them. Default: none. */
  default?: { [resource: string]: string };

  /** Request of containers that give none. This cluster's give all of them. Default: none. */
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

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
}

export const namespaceShape: ShapeOf<NamespaceArgs> = { name: "text", create: "boolean" };

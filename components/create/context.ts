import type * as pulumi from "@pulumi/pulumi";
import type { ClusterModel } from "../args/model";

/** What the parts of a cluster are made with. */
export interface Creation {
  /** The component that they are children of. */
  parent: pulumi.Resource;
  model: ClusterModel;
}

/** Options of a child. */
export function child(
  { parent }: Creation,
  dependsOn: pulumi.Resource[] = [],
): { parent: pulumi.Resource; dependsOn: pulumi.Resource[] } {
  return { parent, dependsOn };
}

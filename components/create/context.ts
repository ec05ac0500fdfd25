import type * as pulumi from "@pulumi/pulumi";
import type { ClusterModel } from "../args/model";

/** What the parts of a cluster are made with. */
export interface Creation {
  /** The component that they are children of. */
  parent: pulumi.Resource;
  model: ClusterModel;
}

/**
 * Of what is named by its content. An engine deletes what it has replaced only when the whole update has succeeded; until then nothing else could have that name,
 * so a change that has failed could not be taken back. Only for what nothing needs any more that stays when the update fails.
 */
export const replacedFirst = { deleteBeforeReplace: true };

/** Options of a child. */
export function child(
  { parent }: Creation,
  dependsOn: pulumi.Resource[] = [],
): { parent: pulumi.Resource; dependsOn: pulumi.Resource[] } {
  return { parent, dependsOn };
}

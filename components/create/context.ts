import type * as pulumi from "@pulumi/pulumi";
import type { ClusterModel } from "../args/model";

/** Context for creating the parts of a cluster. */
export interface Creation {
  /** The component that is the parent of all parts. */
  parent: pulumi.Resource;
  model: ClusterModel;
  /** `customTimeouts` of the component, which Pulumi itself does not pass on to children. */
  timeouts?: pulumi.CustomTimeouts;
}

/**
 * For content-addressed objects: delete before replacing, so that a failed update can be reverted. Otherwise
 * the old name stays taken until the whole update has succeeded. Only for objects that nothing needs any more
 * when the update fails.
 */
export const replacedFirst = { deleteBeforeReplace: true };

/** Resource options of a child. */
export function child(
  { parent, timeouts }: Creation,
  dependsOn: pulumi.Resource[] = [],
): { parent: pulumi.Resource; dependsOn: pulumi.Resource[]; customTimeouts?: pulumi.CustomTimeouts } {
  return { parent, dependsOn, ...(timeouts ? { customTimeouts: timeouts } : {}) };
}

import type { core } from "@pulumi/kubernetes/types/input";
import type { PodUserArgs } from "../args/all-pods";

/** User and group `flink` of the official images. Numeric, because runAsNonRoot cannot check a name. */
export const flinkUser = 9999;

/** What every pod of a cluster gets: enough for the Pod Security Standard `restricted`. */
export function podSecurityContext(user: PodUserArgs = {}) {
  const { fsGroup = flinkUser, supplementalGroups = [] } = user;
  return {
    ...userAndGroup(user),
    runAsNonRoot: true,
    ...(user.assigned ? {} : { fsGroup }),
    ...(supplementalGroups.length > 0 ? { supplementalGroups } : {}),
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  } satisfies core.v1.PodSecurityContext;
}

/** What every container of a cluster gets. Set here as well as on the pod, so that a policy can look at either. */
export function containerSecurityContext(user: PodUserArgs = {}) {
  return {
    ...userAndGroup(user),
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    privileged: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  } satisfies core.v1.SecurityContext;
}

function userAndGroup({ assigned, runAsUser = flinkUser, runAsGroup = flinkUser }: PodUserArgs) {
  return assigned ? {} : { runAsUser, runAsGroup };
}

/** Init containers of a Job's pod. A sidecar must be of the kind that ends with the Job's own container, or the Job never would. */
export function beforeAndBeside({
  initContainers,
  sidecars,
}: Record<"initContainers" | "sidecars", core.v1.Container[]>): core.v1.Container[] {
  return [...initContainers, ...sidecars.map((sidecar) => ({ ...sidecar, restartPolicy: "Always" }))];
}

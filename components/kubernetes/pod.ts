import type { core } from "@pulumi/kubernetes/types/input";

/** User and group `flink` of the official images. Numeric, because runAsNonRoot cannot check a name. */
export const flinkUser = 9999;

/** What every pod of a cluster gets: enough for the Pod Security Standard `restricted`. */
export function podSecurityContext() {
  return {
    runAsUser: flinkUser,
    runAsGroup: flinkUser,
    runAsNonRoot: true,
    fsGroup: flinkUser,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  } satisfies core.v1.PodSecurityContext;
}

/** What every container of a cluster gets. Set here as well as on the pod, so that a policy can look at either. */
export function containerSecurityContext() {
  return {
    runAsUser: flinkUser,
    runAsGroup: flinkUser,
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    privileged: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  } satisfies core.v1.SecurityContext;
}

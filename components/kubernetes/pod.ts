import type { core } from "@pulumi/kubernetes/types/input";
import type { PodUserArgs } from "../args/all-pods";
import type { LimitRangeArgs } from "../args/namespace";
import { parseQuantity } from "../args/quantity";

/**
 * User and group `flink` of the official images. They are numeric, because runAsNonRoot cannot check a name.
 */
export const flinkUser = 9999;

/** Security context of every pod of a cluster; it satisfies the Pod Security Standard `restricted`. */
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

/**
 * Security context of every container of a cluster. It repeats the pod's settings, so that a policy can check
 * either.
 */
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

/** Resources of the component's own containers. */
type Resources = Record<"requests" | "limits", Record<string, string>>;

/**
 * Fits the resources of a small container into the namespace's limit range: at least the minimum, and for CPU
 * at most the maximum. Less CPU only takes longer.
 */
export function withinRange(resources: Resources, { min = {}, max = {} }: LimitRangeArgs = {}): Resources {
  const least = (given: string, resource: string) => larger(given, min[resource]);
  const requests = mapEntries(resources.requests, least);
  const limits = mapEntries(resources.limits, (given, resource) => {
    const most = resource === "cpu" ? smaller(given, max[resource]) : given;
    return larger(least(most, resource), requests[resource]);
  });
  return { requests, limits };
}

function mapEntries(map: Record<string, string>, change: (value: string, key: string) => string) {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]));
}

function larger(one: string, other: string | undefined): string {
  return (parseQuantity(other ?? "") ?? 0) > parseQuantity(one)! ? other! : one;
}

function smaller(one: string, other: string | undefined): string {
  return (parseQuantity(other ?? "") ?? Infinity) < parseQuantity(one)! ? other! : one;
}

/**
 * Init containers of a Job's pod. Sidecars run as restartable init containers; otherwise the Job would never
 * complete.
 */
export function beforeAndBeside({
  initContainers,
  sidecars,
}: Record<"initContainers" | "sidecars", core.v1.Container[]>): core.v1.Container[] {
  return [...initContainers, ...sidecars.map((sidecar) => ({ ...sidecar, restartPolicy: "Always" }))];
}

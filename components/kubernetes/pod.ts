import type { core } from "@pulumi/kubernetes/types/input";
import type { PodUserArgs } from "../args/all-pods";
import type { LimitRangeArgs } from "../args/namespace";
import { parseQuantity } from "../args/quantity";

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

/** Amounts of a container that is ours, by resource. */
type Resources = Record<"requests" | "limits", Record<string, string>>;

/**
 * The amounts of a small container of ours, within what the namespace lets containers have: not less than its least, and of CPU, of which less only takes longer, not more
 * than its most.
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

/** Init containers of a Job's pod. A sidecar must be of the kind that ends with the Job's own container, or the Job never would. */
export function beforeAndBeside({
  initContainers,
  sidecars,
}: Record<"initContainers" | "sidecars", core.v1.Container[]>): core.v1.Container[] {
  return [...initContainers, ...sidecars.map((sidecar) => ({ ...sidecar, restartPolicy: "Always" }))];
}

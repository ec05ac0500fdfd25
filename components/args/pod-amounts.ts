/** Requests and limits of a pod's containers, as Kubernetes counts them. */
import type { LimitRangeArgs } from "./namespace";
import { parseQuantity } from "./quantity";
import { isPlainObject } from "./shape";

/** By resource: thousandths of a core, bytes, or a count. */
export type Amounts = Record<string, number>;

export interface ContainerAmounts {
  name: string;
  /** Whether it runs before the others. */
  init: boolean;
  /** Whether it starts before the others and keeps running. */
  sidecar: boolean;
  requests: Amounts;
  limits: Amounts;
  /** Resources for which the container itself sets a limit. */
  limited: Set<string>;
  /** Resources with an amount that is only known later. */
  later: Set<string>;
}

/**
 * All containers of a pod, with the amounts that Kubernetes fills in from limits and the namespace's limit
 * range. The pod may be malformed.
 */
export function containersOf(template: { spec: object }, range: LimitRangeArgs = {}): ContainerAmounts[] {
  const spec: Record<string, unknown> = isPlainObject(template.spec) ? template.spec : {};
  const list = (field: string, init: boolean) =>
    (Array.isArray(spec[field]) ? (spec[field] as unknown[]) : [])
      .filter(isPlainObject)
      .map((container) => ({ container, init }));
  const defaults = defaultsOf(range);
  return [...list("initContainers", true), ...list("containers", false)].map(({ container, init }) => {
    const later = new Set<string>();
    const resources = isPlainObject(container.resources) ? container.resources : {};
    const limits = amounts(resources.limits, later);
    const requests = { ...limits, ...amounts(resources.requests, later) };
    const fill = (given: Amounts, standard: Amounts) => {
      const missing = Object.entries(standard).filter(([key]) => !(key in given) && !later.has(key));
      return { ...given, ...Object.fromEntries(missing) };
    };
    return {
      name: String(container.name),
      init,
      sidecar: init && container.restartPolicy === "Always",
      requests: fill(requests, defaults.requests),
      limits: fill(limits, defaults.limits),
      limited: new Set(Object.keys(limits)),
      later,
    };
  });
}

/** A limit range's defaults as Kubernetes derives them when they are not given. */
function defaultsOf({ max, min, default: limits, defaultRequest }: LimitRangeArgs) {
  const later = new Set<string>();
  const standard = { ...amounts(max, later), ...amounts(limits, later) };
  return {
    limits: standard,
    requests: { ...amounts(min, later), ...standard, ...amounts(defaultRequest, later) },
  };
}

export function amounts(given: unknown, later = new Set<string>()): Amounts {
  const read = Object.entries(isPlainObject(given) ? given : {}).flatMap(([resource, value]) => {
    if (value === null || value === undefined) return [];
    const amount = typeof value === "object" ? undefined : parseQuantity(String(value).trim());
    if (amount === undefined) {
      later.add(resource);
      return [];
    }
    return [[resource, resource === "cpu" ? Math.ceil(amount * 1000) : Math.ceil(amount)] as const];
  });
  return Object.fromEntries(read);
}

/**
 * A pod's share of a quota: all its containers together, or its largest init container with the sidecars
 * running by then.
 */
export function podAmounts(containers: ContainerAmounts[]): Pick<ContainerAmounts, "requests" | "limits"> {
  const together = (of: "requests" | "limits"): Amounts => {
    const total: Amounts = {};
    const most: Amounts = {};
    const add = (to: Amounts, given: Amounts) => {
      for (const [resource, amount] of Object.entries(given)) to[resource] = (to[resource] ?? 0) + amount;
    };
    for (const container of containers) {
      if (container.init && !container.sidecar) {
        const peak = { ...total };
        add(peak, container[of]);
        for (const [resource, amount] of Object.entries(peak)) {
          most[resource] = Math.max(most[resource] ?? 0, amount);
        }
      } else add(total, container[of]);
    }
    for (const [resource, amount] of Object.entries(most)) {
      total[resource] = Math.max(total[resource] ?? 0, amount);
    }
    return total;
  };
  return { requests: together("requests"), limits: together("limits") };
}

import { jobManagerTemplate } from "../kubernetes/deployments";
import { historyServerTemplate } from "../kubernetes/history-server";
import { prepareJob } from "../kubernetes/prepare";
import { sqlGatewayTemplate } from "../kubernetes/sql-gateway";
import { taskManagerTemplate } from "../kubernetes/task-managers";
import type { Problem } from "../problems";
import { limitKind, quotaKind, read, show } from "./check-namespace";
import type { ClusterModel } from "./model";
import { maximumReplicas } from "./model";
import type { LimitRangeArgs } from "./namespace";
import { type Amounts, amounts, containersOf, podAmounts } from "./pod-amounts";
import { joinPath } from "./shape";

/** Pods of one kind, and their maximum number at a time. */
export interface CountedPods {
  /** The argument that they belong to: `taskManager`. */
  role: string;
  count: number;
  template: { spec: object };
}

/** Argument paths of a quota and a limit range, for messages, and the limit range's name in a fix. */
export interface RoomPaths {
  quota: string;
  range: string;
  rangeArgument: string;
}

const ownPaths: RoomPaths = {
  quota: "namespace.quota",
  range: "namespace.limitRange",
  rangeArgument: "namespace.limitRange",
};

/** Pods of the cluster at its largest. */
function steadyPods(model: ClusterModel, taskManagers: number): CountedPods[] {
  const { jobManager, historyServer, sqlGateway } = model;
  return [
    { role: "jobManager", count: jobManager.replicas, template: jobManagerTemplate(model, "conf") },
    { role: "taskManager", count: taskManagers, template: taskManagerTemplate(model, "conf") },
    // A new pod starts before the old one stops.
    ...(historyServer
      ? [{ role: "historyServer", count: 2, template: historyServerTemplate(model, historyServer, "conf") }]
      : []),
    ...(sqlGateway
      ? [{ role: "sqlGateway", count: 1, template: sqlGatewayTemplate(model, sqlGateway, "conf") }]
      : []),
  ];
}

/**
 * Checks that quota and limit range leave room for the cluster. Otherwise pods would be refused one by one,
 * long after the update.
 */
export function checkRoom(model: ClusterModel): Problem[] {
  const { quota = {}, limitRange = {} } = model.namespace;
  const prepare = { role: "prepare", count: 1, template: prepareJob(model, "00000000").spec.template };
  const pods = [...steadyPods(model, 1), prepare];
  return [
    ...checkMissing(ownPaths, pods, quota, limitRange),
    ...checkQuota(quota, needsOf(model)),
    ...checkRange(ownPaths, pods, limitRange),
  ];
}

/** The cluster's largest use of a quota, by the quota's resources. */
function needsOf(model: ClusterModel): Amounts {
  const range = model.namespace.limitRange;
  const most = maximumReplicas(model);
  // A rolling update starts a quarter of the TaskManagers again before it stops the old ones.
  const replacing = countedBy(steadyPods(model, Math.ceil(most * 1.25)), range);
  const prepare = { role: "prepare", count: 1, template: prepareJob(model, "00000000").spec.template };
  const preparing = countedBy([...steadyPods(model, most), prepare], range);
  const all = new Set([...Object.keys(replacing), ...Object.keys(preparing)]);
  return Object.fromEntries(
    [...all].map((resource) => [resource, Math.max(replacing[resource] ?? 0, preparing[resource] ?? 0)]),
  );
}

/** Use of a quota by these pods, by the quota's resources. */
export function countedBy(pods: CountedPods[], range: LimitRangeArgs | undefined): Amounts {
  const counted: Amounts = {};
  const add = (resource: string, amount: number) => {
    counted[resource] = (counted[resource] ?? 0) + amount;
  };
  for (const { count, template } of pods) {
    add("pods", count);
    const { requests, limits } = podAmounts(containersOf(template, range));
    for (const [resource, amount] of Object.entries(requests)) {
      add(`requests.${resource}`, count * amount);
      add(resource, count * amount);
    }
    for (const [resource, amount] of Object.entries(limits)) add(`limits.${resource}`, count * amount);
  }
  return counted;
}

function checkQuota(quota: Record<string, string>, needs: Amounts): Problem[] {
  return Object.entries(quota).flatMap(([resource, value]) => {
    const kind = quotaKind(resource) ?? "count";
    const bound = read(kind, value);
    const need = needs[resource];
    if (bound === undefined || need === undefined || need <= bound) return [];
    const wanted = show(kind, need);
    return [
      {
        path: joinPath("namespace.quota", resource),
        value,
        reason: `the cluster alone needs ${wanted} at its largest, while TaskManagers are replaced: Kubernetes would refuse its pods`,
        fix: `write ${wanted} or more, plus room for submissions`,
      },
    ];
  });
}

/** The part of a quota that the cluster leaves for its jobs. */
export function quotaLeft(model: ClusterModel): Record<string, string> | undefined {
  const { quota } = model.namespace;
  if (quota === undefined) return undefined;
  const needs = needsOf(model);
  const left = Object.entries(quota).flatMap(([resource, value]) => {
    const kind = quotaKind(resource) ?? "count";
    const bound = read(kind, value);
    const need = needs[resource];
    return bound === undefined || need === undefined ? [] : [[resource, show(kind, bound - need)] as const];
  });
  return Object.fromEntries(left);
}

/**
 * Reports containers without amounts that a quota of cpu or memory requires and the limit range does not
 * supply.
 */
export function checkMissing(
  paths: RoomPaths,
  pods: CountedPods[],
  quota: Record<string, string>,
  range: LimitRangeArgs,
): Problem[] {
  const wanted = Object.keys(quota).flatMap((resource) => {
    const [, side = "requests", of] = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(resource) ?? [];
    return of === undefined ? [] : [{ resource, side: side as "requests" | "limits", of }];
  });
  return pods.flatMap(({ role, template }) =>
    containersOf(template, range).flatMap((container) =>
      wanted
        .filter(({ side, of }) => !(of in container[side]) && !container.later.has(of))
        .map(({ resource, side, of }) => ({
          path: joinPath(paths.quota, resource),
          value: quota[resource],
          reason: `with this quota every container must set its ${side} of ${of}, but container ${container.name} of ${role} does not: Kubernetes would refuse its pods`,
          fix: `set resources.${side}.${of} of the container, or write ${side === "limits" ? "default" : "defaultRequest"}.${of} in ${paths.rangeArgument}`,
        })),
    ),
  );
}

/**
 * Checks every container against the bounds: requests not below the minimum, limits not above the maximum,
 * and no default limit below a request.
 */
export function checkRange(paths: RoomPaths, pods: CountedPods[], range: LimitRangeArgs): Problem[] {
  const [least, most] = [amounts(range.min), amounts(range.max)];
  const there = paths.range === paths.rangeArgument ? "" : ` in ${paths.rangeArgument}`;
  return pods.flatMap(({ role, template }) =>
    containersOf(template, range).flatMap(({ name, requests, limits, limited }, index, all) => {
      const main = all.findIndex(({ init }) => !init) === index;
      const who = main ? `the container of ${role}` : `container ${name} of ${role}`;
      const whose = main ? `of ${role}` : `of ${name}`;
      const problem = (bound: "min" | "max" | "default", resource: string, reason: string, fix: string) => ({
        path: joinPath(`${paths.range}.${bound}`, resource),
        value: range[bound]?.[resource],
        reason: `${reason}, and Kubernetes would refuse its pods`,
        fix,
      });
      return ["memory", "cpu", "ephemeral-storage"].flatMap((resource): Problem[] => {
        const kind = limitKind(resource)!;
        const [request, limit] = [requests[resource], limits[resource]];
        const found: Problem[] = [];
        if (limit !== undefined && limit > most[resource]! && !(least[resource]! > most[resource]!)) {
          const amount = show(kind, limit);
          const fix = `write ${amount} or more${there}, or lower the limit ${whose}`;
          found.push(problem("max", resource, `${who} has a limit of ${amount}`, fix));
        }
        if (request !== undefined && request < least[resource]!) {
          const amount = show(kind, request);
          const fix = `write ${amount} or less${there}, or raise the request ${whose}`;
          found.push(problem("min", resource, `${who} requests ${amount}`, fix));
        }
        if (!limited.has(resource) && request !== undefined && limit !== undefined && request > limit) {
          const reason = `${who} requests ${show(kind, request)} and has no limit of its own, so it gets ${show(kind, limit)}`;
          found.push(
            problem(
              "default",
              resource,
              reason,
              `give ${name} a limit, or write ${show(kind, request)} or more${there}`,
            ),
          );
        }
        return found;
      });
    }),
  );
}

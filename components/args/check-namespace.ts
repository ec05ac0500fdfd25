import type { Problem } from "../problems";
import type { NamespaceModel } from "./model";
import { nearest } from "../flink/nearest";
import type { LimitRangeArgs, NamespaceArgs } from "./namespace";
import { formatBytes, formatCpu, parseCpu, parseStorage } from "./quantity";
import { joinPath } from "./shape";

type Amounts = Record<string, string>;

/** The namespace of a cluster of that name. */
export function checkNamespace(
  cluster: string,
  args: NamespaceArgs,
  problems: Problem[],
): { name: string; create: boolean } & NamespaceModel {
  const create = args.create ?? true;
  const name = args.name ?? cluster;
  // Without `namespace.name` it is the cluster's name, which is checked there.
  if (args.name !== undefined && !(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) && name.length <= 63)) {
    const reason = "the name of a namespace must be a DNS label";
    const fix = "use at most 63 lower-case letters, digits and dashes, with a letter or digit first and last";
    problems.push({ path: "namespace.name", value: name, reason, fix });
  } else if (create && (name === "default" || name.startsWith("kube-"))) {
    const reason = "Kubernetes creates this namespace itself";
    const fix = "name another namespace, or set namespace.create to false";
    problems.push({ path: "namespace.name", value: name, reason, fix });
  }
  for (const field of ["quota", "limitRange", "protect", "retain"] as const) {
    if (create || args[field] === undefined) continue;
    const reason =
      "the component does not change an existing namespace: it may be shared, and its owner sets its limits";
    problems.push({ path: `namespace.${field}`, reason, fix: "leave out this or create" });
  }
  checkAmounts("namespace.quota", args.quota, quotaKind, problems, (resource) => ({
    reason: "a quota in Kubernetes has no resource of this name",
    fix: `write "${nearest(resource, quotaResources) ?? "limits.memory"}", or a count with a group, such as "count/jobs.batch"`,
  }));
  for (const bound of ["max", "min", "default", "defaultRequest"] as const) {
    checkAmounts(`namespace.limitRange.${bound}`, args.limitRange?.[bound], limitKind, problems, () => ({
      reason: "a limit range in Kubernetes covers only cpu, memory and ephemeral-storage of containers",
      fix: "use one of: cpu, memory, ephemeral-storage",
    }));
  }
  checkOrder(args.limitRange ?? {}, problems);
  const { quota, limitRange } = args;
  return {
    name,
    create,
    protect: args.protect ?? !args.retain,
    retain: args.retain ?? false,
    ...(quota ? { quota } : {}),
    ...(limitRange ? { limitRange } : {}),
  };
}

export type Kind = "cpu" | "bytes" | "count";

export function limitKind(resource: string): Kind | undefined {
  if (resource === "cpu") return "cpu";
  return resource === "memory" || resource === "ephemeral-storage" ? "bytes" : undefined;
}

/** Resources that a quota can bound by a plain name. All others have a group, such as `count/jobs.batch`. */
const quotaResources = [
  ...["cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage"],
  ...[
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "requests.storage",
    "persistentvolumeclaims",
  ],
  ...["pods", "services", "services.loadbalancers", "services.nodeports", "replicationcontrollers"],
  ...["resourcequotas", "secrets", "configmaps"],
];

export function quotaKind(resource: string): Kind | undefined {
  if (/(^|\/)requests\.storage$|^(requests\.)?hugepages-/.test(resource)) return "bytes";
  if (!resource.includes("/") && !quotaResources.includes(resource)) return undefined;
  const [, kind] = /^(?:requests|limits)\.(.+)$/.exec(resource) ?? [];
  return limitKind(kind ?? resource) ?? "count";
}

function checkAmounts(
  path: string,
  amounts: Amounts | undefined,
  kindOf: (resource: string) => Kind | undefined,
  problems: Problem[],
  unknown: (resource: string) => { reason: string; fix: string },
): void {
  for (const [resource, value] of Object.entries(amounts ?? {})) {
    const at = joinPath(path, resource);
    const kind = kindOf(resource);
    if (!kind) {
      problems.push({ path: at, value, ...unknown(resource) });
    } else if (read(kind, value) === undefined) {
      const what = { cpu: "a quantity of CPU", bytes: "a quantity of bytes", count: "a number of objects" };
      const example = { cpu: "20 or 500m", bytes: "64Gi", count: "50" };
      problems.push({ path: at, value, reason: `this is not ${what[kind]}`, fix: `write ${example[kind]}` });
    }
  }
}

/** Kubernetes requires min, defaultRequest, default and max in this order. */
function checkOrder(range: LimitRangeArgs, problems: Problem[]): void {
  const order = ["min", "defaultRequest", "default", "max"] as const;
  for (const resource of ["cpu", "memory", "ephemeral-storage"]) {
    const kind = limitKind(resource)!;
    const given = order.flatMap((bound) => {
      const text = range[bound]?.[resource];
      const amount = text === undefined ? undefined : read(kind, text);
      return amount === undefined ? [] : [{ bound, text, amount }];
    });
    given.slice(1).forEach((upper, index) => {
      const lower = given[index];
      if (lower.amount <= upper.amount) return;
      problems.push({
        path: joinPath(`namespace.limitRange.${lower.bound}`, resource),
        value: lower.text,
        reason: `this is more than namespace.limitRange.${upper.bound}, and Kubernetes refuses that`,
        fix: `write ${upper.text} or less, or raise ${upper.bound}`,
      });
    });
  }
}

export function read(kind: Kind, text: string): number | undefined {
  if (kind === "cpu") return parseCpu(text);
  if (kind === "bytes") return parseStorage(text);
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

export function show(kind: Kind, amount: number): string {
  if (kind === "cpu") return formatCpu(amount);
  return kind === "bytes" ? formatBytes(amount) : String(amount);
}

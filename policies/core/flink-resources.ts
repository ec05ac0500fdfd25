import { parseQuantity } from "../../components/args/quantity";
import { parseMemorySize } from "../../components/flink/memory-size";
import { type Pod, podAt } from "./pods";
import type { Resource } from "./resource";
import { isUnknown, UNKNOWN, unknown } from "./unknown";
import { type Key, Origin, Value } from "./value";

/** The container that Flink's native Kubernetes integration adds to every pod of a FlinkDeployment. */
export const FLINK_MAIN_CONTAINER = "flink-main-container";

/** The default sizes of the operator and Flink. */
const defaults = {
  jobManager: { cpu: "1", memory: "1600Mi" },
  taskManager: { cpu: "1", memory: "1728Mi" },
};

/**
 * The pods of the custom resources of the Flink Kubernetes operator. As in the operator, the template for all
 * pods is merged with the role's template, and with the container that Flink adds. These pods are complete,
 * not partial. Each value has the place where it was written. The place of a missing value is in the template
 * for all pods, if this has an object there. A session job has no pods of its own.
 */
export function flinkPods(resource: Resource): Pod[] {
  const base =
    resource.kind === "FlinkDeployment"
      ? resource.spec
      : resource.kind === "FlinkBlueGreenDeployment"
        ? resource.spec.get("template", "spec")
        : undefined;
  if (!base) return [];
  return (["jobManager", "taskManager"] as const).map((role) => {
    const template = merge(sourced(base.get("podTemplate")), sourced(base.get(role, "podTemplate")));
    const { raw, origin } = withMainContainer(template, base, role);
    // An unknown template must not look like an empty one.
    const place = new Value(isUnknown(raw) ? unknown : raw, origin.keys, base.reader, undefined, origin);
    return podAt(place, role === "jobManager" ? "jobmanager" : "taskmanager");
  });
}

/** Plain data with its origin. */
interface Sourced {
  raw: unknown;
  origin: Origin;
}

function sourced(value: Value): Sourced {
  return { raw: value.marked(), origin: new Origin(value.keys) };
}

function part({ raw, origin }: Sourced, key: Key): Sourced {
  const inner = isObject(raw) || Array.isArray(raw) ? (raw as Record<Key, unknown>)[key] : undefined;
  return { raw: inner, origin: origin.inside(key) };
}

function objectOf(parts: readonly [string, Sourced][], keys: readonly Key[]): Sourced {
  const given = parts.filter(([, { raw }]) => raw !== undefined);
  return {
    raw: Object.fromEntries(given.map(([key, { raw }]) => [key, raw])),
    // A missing value would be written at this place, too.
    origin: new Origin(keys, new Map(parts.map(([key, { origin }]) => [key, origin]))),
  };
}

function listOf(items: readonly Sourced[], keys: readonly Key[]): Sourced {
  return {
    raw: items.map(({ raw }) => raw),
    origin: new Origin(keys, new Map(items.map(({ origin }, index) => [index, origin]))),
  };
}

/** Merges objects by key and lists by position, as the operator does by default. The second one wins. */
function merge(base: Sourced, over: Sourced): Sourced {
  if (over.raw === undefined || over.raw === null) return base;
  if (base.raw === undefined || base.raw === null) return over;
  if (isUnknown(base.raw) || isUnknown(over.raw)) return { raw: UNKNOWN, origin: over.origin };
  const { keys } = base.origin;
  if (Array.isArray(base.raw) && Array.isArray(over.raw)) {
    const length = Math.max(base.raw.length, over.raw.length);
    return listOf(
      Array.from({ length }, (_, index) => merge(part(base, index), part(over, index))),
      keys,
    );
  }
  if (!isObject(base.raw) || !isObject(over.raw)) return over;
  const names = [...new Set([...Object.keys(base.raw), ...Object.keys(over.raw)])];
  return objectOf(
    names.map((name) => [name, merge(part(base, name), part(over, name))]),
    keys,
  );
}

function withMainContainer(pod: Sourced, base: Value, role: keyof typeof defaults): Sourced {
  const spec = part(pod, "spec");
  const containers = part(spec, "containers");
  if ([pod, spec, containers].some(({ raw }) => isUnknown(raw))) return pod;
  const length = Array.isArray(containers.raw) ? containers.raw.length : 0;
  const all = Array.from({ length }, (_, index) => part(containers, index));
  const isMain = ({ raw }: Sourced) => isObject(raw) && raw.name === FLINK_MAIN_CONTAINER;
  // Flink adds its container after those of the template. An entry with an unknown name may be it.
  const isHidden = all.some(({ raw }) => isUnknown(raw) || (isObject(raw) && isUnknown(raw.name)));
  if (!all.some(isMain) && !isHidden)
    all.push({ raw: { name: FLINK_MAIN_CONTAINER }, origin: containers.origin.inside(length) });
  const items = all.map((container) =>
    isMain(container) ? mainContainer(container, base, role) : container,
  );
  const own = objectOf(
    [...partsOf(spec), ["containers", listOf(items, containers.origin.keys)]],
    spec.origin.keys,
  );
  return objectOf([...partsOf(pod), ["spec", own]], pod.origin.keys);
}

function partsOf(value: Sourced): [string, Sourced][] {
  return isObject(value.raw) ? Object.keys(value.raw).map((key) => [key, part(value, key)]) : [];
}

/** Flink's container, with the common image, and with CPU and memory from Flink instead of the template. */
function mainContainer(container: Sourced, base: Value, role: keyof typeof defaults): Sourced {
  const image = part(container, "image");
  return objectOf(
    [
      ...partsOf(container),
      ["image", image.raw === undefined || image.raw === null ? sourced(base.get("image")) : image],
      ["resources", resourcesOf(part(container, "resources"), base, role)],
    ],
    container.origin.keys,
  );
}

function resourcesOf(template: Sourced, base: Value, role: keyof typeof defaults): Sourced {
  if (isUnknown(template.raw)) return template;
  const [old, own] = [base.get(role, "resource"), sourced(base.get(role, "resources"))];
  if (isUnknown(old.marked()) || isUnknown(own.raw)) return { raw: UNKNOWN, origin: own.origin };
  const sizes: [string, Sourced][] = [
    ["cpu", orDefault(sourced(old.get("cpu")), defaults[role].cpu)],
    ["memory", orDefault(asQuantity(sourced(old.get("memory"))), defaults[role].memory)],
    ["ephemeral-storage", asQuantity(sourced(old.get("ephemeralStorage")))],
  ];
  const lists = ["requests", "limits"].map((list): [string, Sourced] => {
    const [given, newer] = [part(template, list), part(own, list)];
    if (isUnknown(given.raw) || isUnknown(newer.raw)) return [list, { raw: UNKNOWN, origin: newer.origin }];
    return [list, objectOf([...partsOf(given), ...sizes, ...partsOf(newer)], given.origin.keys)];
  });
  return objectOf([...partsOf(template), ...lists], template.origin.keys);
}

function orDefault({ raw, origin }: Sourced, value: string): Sourced {
  return { raw: raw ?? value, origin };
}

/** The operator accepts sizes in Flink's notation, where m is a mebibyte, and in Kubernetes' notation. */
function asQuantity({ raw, origin }: Sourced): Sourced {
  const text = typeof raw === "string" || typeof raw === "number" ? String(raw) : undefined;
  if (text === undefined || isUnknown(raw)) return { raw: raw ?? undefined, origin };
  const bytes = parseMemorySize(text) ?? parseQuantity(text);
  if (bytes === undefined) return { raw, origin };
  return { raw: bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20}Mi` : String(bytes), origin };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { type Pod, podAt } from "./pods";
import type { Resource } from "./resource";
import { isUnknown, UNKNOWN, unknown } from "./unknown";
import { Value } from "./value";

/** The container that Flink's own Kubernetes integration adds to every pod of a FlinkDeployment, and that templates refine. */
export const FLINK_MAIN_CONTAINER = "flink-main-container";

/**
 * The pods of the custom resources of the Flink Kubernetes operator: the template for all pods with the one for the role laid over
 * it, as the operator does it, and with the container that Flink adds. What nobody writes into a template is in no pod, so
 * these pods are complete, not partial. A session job runs no pods of its own.
 */
export function flinkPods(resource: Resource): Pod[] {
  const base =
    resource.kind === "FlinkDeployment"
      ? resource.spec
      : resource.kind === "FlinkBlueGreenDeployment"
        ? resource.spec.get("template", "spec")
        : undefined;
  if (!base) return [];
  return (["jobmanager", "taskmanager"] as const).map((role) => {
    const own = base.get(role === "jobmanager" ? "jobManager" : "taskManager", "podTemplate");
    const merged = withMainContainer(
      merge(base.get("podTemplate").marked(), own.marked()),
      base.get("image"),
    );
    // A template that is unknown as a whole must not look like an empty one.
    return podAt(new Value(isUnknown(merged) ? unknown : merged, own.keys, own.reader), role);
  });
}

/** Objects by key, lists by position, as the operator merges unless told otherwise; the second one wins. */
function merge(base: unknown, over: unknown): unknown {
  if (over === undefined || over === null) return base;
  if (isUnknown(base) || isUnknown(over)) return UNKNOWN;
  if (Array.isArray(base) && Array.isArray(over)) {
    return Array.from({ length: Math.max(base.length, over.length) }, (_, i) => merge(base[i], over[i]));
  }
  if (!isObject(base) || !isObject(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(base[key], over[key])]));
}

function withMainContainer(pod: unknown, image: Value): unknown {
  if (isUnknown(pod)) return pod;
  const { spec, ...rest } = isObject(pod) ? pod : ({} as Record<string, unknown>);
  if (isUnknown(spec)) return pod;
  const known = isObject(spec) ? spec : {};
  if (isUnknown(known.containers)) return pod;
  const containers: unknown[] = Array.isArray(known.containers) ? known.containers : [];
  const isMain = (entry: unknown) => isObject(entry) && entry.name === FLINK_MAIN_CONTAINER;
  const given = containers.find(isMain) as Record<string, unknown> | undefined;
  const raw = image.marked();
  const main = { name: FLINK_MAIN_CONTAINER, ...(raw === undefined ? {} : { image: raw }), ...given };
  const all = given
    ? containers.map((entry) => (isMain(entry) ? main : entry))
    : // Flink puts its container behind those of the template; an entry without a known name may be it.
      containers.some((entry) => isUnknown(entry) || (isObject(entry) && isUnknown(entry.name)))
      ? containers
      : [...containers, main];
  return { ...rest, spec: { ...known, containers: all } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

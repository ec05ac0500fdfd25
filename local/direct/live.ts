import { clone, isObject, type Json, type JsonObject, omit } from "../json";
import type { KubernetesObject, Reference } from "../kubernetes";
import { parsePath } from "../record/objects";
import { hasUnknown, UNKNOWN } from "../record/values";

export function knowsItself(object: KubernetesObject): boolean {
  return !hasUnknown([
    object.apiVersion,
    object.kind,
    object.metadata.name,
    object.metadata.namespace ?? null,
  ]);
}

/** The command with which a person deletes an object. */
export function deleteCommand(reference: Reference, context?: string): string {
  const group = reference.apiVersion.includes("/") ? `.${reference.apiVersion.split("/")[0]}` : "";
  const builtIn =
    group === "" || /^\.(apps|batch|autoscaling|policy)$/.test(group) || group.endsWith(".k8s.io");
  return [
    "kubectl",
    ...(context ? ["--context", context] : []),
    ...(reference.namespace ? ["--namespace", reference.namespace] : []),
    "delete",
    reference.kind.toLowerCase() + (builtIn ? "" : group),
    reference.name,
  ].join(" ");
}

/** `stringData` is a convenience of the API that server-side apply cannot own field by field, so keys are sent as `data`. */
export function withoutStringData(object: KubernetesObject): KubernetesObject {
  if (object.kind !== "Secret" || object.apiVersion !== "v1" || !isObject(object.stringData)) {
    return object;
  }
  const { stringData, ...rest } = object;
  const data: JsonObject = isObject(object.data) ? { ...object.data } : {};
  for (const [key, value] of Object.entries(stringData)) {
    data[key] = value === UNKNOWN ? UNKNOWN : Buffer.from(String(value), "utf8").toString("base64");
  }
  return { ...rest, data } as KubernetesObject;
}

/**
 * Honours `ignoreChanges`: the object as it is to be sent has, at every ignored path, what the live object has there. Leaving the field out instead would give it up, and the server would
 * reset it. Without a live object the field is removed (for rendering) or kept (`"keep"`, for creation).
 */
export function ignoreChanges(
  object: KubernetesObject,
  paths: readonly string[],
  live: KubernetesObject | "keep" | undefined,
): KubernetesObject {
  if (live === "keep" || paths.length === 0) {
    return object;
  }
  if (paths.includes("*") && live) {
    return clone(live);
  }
  const changed = clone(object);
  for (const path of paths) {
    copy(changed, live, parsePath(path));
  }
  return changed;
}

function copy(target: Json, source: Json | undefined, [segment, ...rest]: (string | number)[]): void {
  if (segment === undefined || target === null || typeof target !== "object") {
    return;
  }
  if (segment === "*") {
    Object.keys(target).forEach((key) =>
      copy(target, source, [Array.isArray(target) ? Number(key) : key, ...rest]),
    );
    return;
  }
  const into = target as Record<string | number, Json>;
  const from =
    source !== null && typeof source === "object"
      ? (source as Record<string | number, Json>)[segment]
      : undefined;
  if (rest.length > 0) {
    if (into[segment] === undefined && from !== undefined) {
      into[segment] = typeof rest[0] === "number" ? [] : {};
    }
    copy(into[segment] ?? null, from, rest);
  } else if (from !== undefined) {
    into[segment] = clone(from);
  } else if (!Array.isArray(target)) {
    // Without a live value there is nothing to re-send. An element of a list cannot be left out: that would move the others.
    Reflect.deleteProperty(into, segment);
  }
}

/** What has to be equal for an object to count as unchanged: everything but what the server keeps for itself. */
export function comparable(object: KubernetesObject): string {
  const metadata = omit(object.metadata, "managedFields", "resourceVersion", "generation") as JsonObject;
  return canonical({ ...omit(object, "status"), metadata });
}

/** JSON with sorted keys. */
export function canonical(value: Json): string {
  return JSON.stringify(value, (_key, item: Json) =>
    isObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  );
}

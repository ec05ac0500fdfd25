import { createHash } from "node:crypto";
import type { KubernetesObject, Reference } from "../kubernetes";
import type { Registration } from "./registration";
import { clone, isObject, type Json, type JsonObject, omit } from "../json";
import { hasUnknown, UNKNOWN } from "./values";

/** Kinds that live outside namespaces, for where no cluster can be asked. Kinds of CRDs are taken for namespaced, as the provider does. */
const CLUSTER_SCOPED = new Set(
  (
    "Namespace Node PersistentVolume ClusterRole ClusterRoleBinding CustomResourceDefinition StorageClass VolumeAttachment CSIDriver CSINode " +
    "PriorityClass RuntimeClass IngressClass APIService MutatingWebhookConfiguration ValidatingWebhookConfiguration FlowSchema " +
    "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding MutatingAdmissionPolicy MutatingAdmissionPolicyBinding " +
    "PriorityLevelConfiguration CertificateSigningRequest ClusterTrustBundle DeviceClass ResourceSlice VolumeAttributesClass"
  ).split(" "),
);

export function isKubernetes(type: string): boolean {
  return type.startsWith("kubernetes:");
}

/** apiVersion and kind of a type token: `kubernetes:apps/v1:Deployment`, `kubernetes:core/v1:Secret`. */
export function kindOf(type: string): { apiVersion: string; kind: string } {
  const [, group = "", kind = ""] = type.split(":");
  return { apiVersion: group.replace(/^core\//, ""), kind };
}

export function namespacedByDefault(kind: string): boolean {
  return !CLUSTER_SCOPED.has(kind);
}

/**
 * The object that a registration describes. Without `metadata.name` it gets the resource's name and a suffix that is always the same for the same URN: there is no
 * state that could remember a random one. The namespace is left as the program gives it.
 */
export function objectOf(registration: Registration): KubernetesObject {
  const { apiVersion, kind } = kindOf(registration.type);
  const inputs = clone(registration.inputs);
  const metadata = isObject(inputs.metadata) ? inputs.metadata : {};
  const name = metadata.name ?? autoname(registration);
  return {
    ...inputs,
    apiVersion: inputs.apiVersion ?? apiVersion,
    kind: inputs.kind ?? kind,
    metadata: { ...metadata, name },
  } as KubernetesObject;
}

function autoname(registration: Registration): string {
  const suffix = createHash("sha256").update(registration.urn).digest("hex").slice(0, 8);
  return `${registration.name.slice(0, 63 - suffix.length - 1).toLowerCase()}-${suffix}`;
}

export function referenceOf(object: KubernetesObject): Reference {
  const { apiVersion, kind, metadata } = object;
  return {
    apiVersion,
    kind,
    name: metadata.name,
    ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
  };
}

export function knowsItself(object: KubernetesObject): boolean {
  return !hasUnknown([
    object.apiVersion,
    object.kind,
    object.metadata.name,
    object.metadata.namespace ?? null,
  ]);
}

/** The provider's id: `namespace/name`, or the name alone. */
export function idOf(reference: { namespace?: string; name: string }): string {
  return reference.namespace ? `${reference.namespace}/${reference.name}` : reference.name;
}

export function parseId(id: string): { namespace?: string; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { name: first } : { namespace: first, name: second };
}

/** For people: `Deployment flink-dev/hello-jobmanager`. */
export function describe(reference: Reference): string {
  return `${reference.kind} ${idOf(reference)}`;
}

/** Identity of an object whatever version of its API is used. */
export function identity(reference: Reference): string {
  const group = reference.apiVersion.includes("/") ? reference.apiVersion.split("/")[0] : "";
  return [group, reference.kind, reference.namespace ?? "", reference.name].join("|");
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

/** A property path of the SDK: `spec.replicas`, `metadata.annotations["a.b/c"]`, `spec.ports[0].port`. */
export function parsePath(path: string): (string | number)[] {
  const segments: (string | number)[] = [];
  for (const [, quoted, index, plain] of path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g)) {
    segments.push(quoted?.replaceAll('\\"', '"') ?? plain ?? (index === "*" ? "*" : Number(index)));
  }
  return segments;
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

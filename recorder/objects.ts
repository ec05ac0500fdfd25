import { createHash } from "node:crypto";
import { isObject, type Json, type KubernetesObject, type Reference } from "./json";
import type { Registration } from "./registration";

/** Cluster-scoped kinds, for use without a cluster. Kinds of CRDs count as namespaced, as in the provider. */
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
 * The object of a registration. Without `metadata.name` it gets the resource's name with a suffix that
 * depends only on the URN, because no state could remember a random suffix. The namespace stays as in the
 * program.
 */
export function objectOf(registration: Registration): KubernetesObject {
  const { apiVersion, kind } = kindOf(registration.type);
  const inputs = structuredClone(registration.inputs);
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

/** The provider's id: `namespace/name`, or the name alone. */
export function idOf(reference: { namespace?: string; name: string }): string {
  return reference.namespace ? `${reference.namespace}/${reference.name}` : reference.name;
}

export function parseId(id: string): { namespace?: string; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { name: first } : { namespace: first, name: second };
}

/** For messages: `Deployment flink-dev/hello-jobmanager`. */
export function describe(reference: Reference): string {
  return `${reference.kind} ${idOf(reference)}`;
}

/** Identity of an object, independent of the API version. */
export function identity(reference: Reference): string {
  const group = reference.apiVersion.includes("/") ? reference.apiVersion.split("/")[0] : "";
  return [group, reference.kind, reference.namespace ?? "", reference.name].join("|");
}

/** A property path of the SDK: `spec.replicas`, `metadata.annotations["a.b/c"]`, `spec.ports[0].port`. */
export function parsePath(path: string): (string | number)[] {
  const segments: (string | number)[] = [];
  for (const [, quoted, index, plain] of path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g)) {
    segments.push(quoted?.replaceAll('\\"', '"') ?? plain ?? (index === "*" ? "*" : Number(index)));
  }
  return segments;
}

/** The object without the fields of `ignoreChanges`, so that applying it does not change them. */
export function withoutIgnored(object: KubernetesObject, paths: readonly string[]): KubernetesObject {
  if (paths.length === 0) return object;
  const changed = structuredClone(object);
  for (const path of paths) remove(changed, parsePath(path));
  return changed;
}

function remove(target: Json, [segment, ...rest]: (string | number)[]): void {
  if (segment === undefined || target === null || typeof target !== "object") return;
  if (segment === "*") {
    for (const key of Object.keys(target))
      remove(target, [Array.isArray(target) ? Number(key) : key, ...rest]);
    return;
  }
  if (rest.length > 0) {
    remove((target as Record<string | number, Json>)[segment] ?? null, rest);
  } else if (!Array.isArray(target)) {
    // Removing an element of a list would move the others.
    Reflect.deleteProperty(target, segment);
  }
}

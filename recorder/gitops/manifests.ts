import { isObject, type Json, type JsonObject, type KubernetesObject } from "../json";
import type { Finding, Rendered } from "..";
import { describe, idOf, referenceOf } from "../objects";
import { MADE_UP_UID } from "../render";
import { joinPath, UNKNOWN } from "../values";

/** Placeholder for encrypted configuration, which needs no decryption here. No file may contain it. */
export const ENCRYPTED = "encrypted-3f5c0e9a-value";

/** The hash of a Secret that restarts our pods when the Secret changes. */
const CONFIG_HASH = "flink-kubernetes/config-hash";

/** A Secret that is left out, and must exist before. */
export interface ExpectedSecret {
  namespace: string | undefined;
  name: string;
  keys: string[];
}

export interface Manifests {
  rendered: Rendered[];
  expected: ExpectedSecret[];
  findings: Finding[];
}

/**
 * The objects for a repository that many people can read: without secrets, without values from a cluster or a
 * generator, and without Pulumi's own annotations. A value that cannot be written is a finding, with its
 * path.
 *
 * @param secretRefs Secrets (`namespace/name`) from another source
 */
export function publishable(all: readonly Rendered[], secretRefs: readonly string[]): Manifests {
  const expected: ExpectedSecret[] = [];
  const findings: Finding[] = [];
  const rendered: Rendered[] = [];
  const used = new Set<string>();
  for (const it of all) {
    const { object } = it;
    const id = idOf(object.metadata);
    const entries = secretEntries(object);
    if (entries.length > 0 && secretRefs.includes(id)) {
      used.add(id);
      const { namespace, name } = object.metadata;
      expected.push({ namespace, name, keys: keysOf(object, all) });
      continue;
    }
    const own = withoutPulumi(object);
    const secret = secretFindings(it, id, entries);
    findings.push(...(secret.length > 0 ? secret : unknownFindings(it, own)));
    rendered.push({ ...it, object: own });
  }
  for (const ref of secretRefs.filter((it) => !used.has(it))) {
    const secrets = all.filter(({ object }) => secretEntries(object).length > 0);
    const known = secrets.map(({ object }) => idOf(object.metadata)).sort();
    const fix =
      known.length > 0 ? `The stack's Secrets are: ${known.join(", ")}.` : "The stack has no Secret.";
    findings.push({ message: `--secret-ref ${ref}: the stack makes no Secret of this name. ${fix}` });
  }
  return { rendered, expected: expected.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1)), findings };
}

/** Every entry of a Secret is secret, even if the program does not mark it. */
function secretEntries(object: KubernetesObject): string[] {
  if (object.kind !== "Secret" || object.apiVersion !== "v1") return [];
  return ["data", "stringData"].flatMap((field) => {
    const entries = object[field];
    if (entries === UNKNOWN) return [field];
    return isObject(entries) ? Object.keys(entries).map((key) => joinPath(field, key)) : [];
  });
}

/** The keys of its entries. If they are unknown, the keys that other objects use. */
function keysOf(object: KubernetesObject, all: readonly Rendered[]): string[] {
  const { name, namespace } = object.metadata;
  const own = ["data", "stringData"].flatMap((field) =>
    isObject(object[field]) ? Object.keys(object[field]) : [],
  );
  const others = all.filter((it) => it.object.metadata.namespace === namespace);
  return [...new Set(own.length > 0 ? own : others.flatMap((it) => keysNamed(it.object, name)))].sort();
}

function keysNamed(value: Json, secret: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysNamed(item, secret));
  if (!isObject(value)) return [];
  const { name, key, secretName, items } = value;
  const listed = secretName === secret && Array.isArray(items) ? items : [];
  return [
    ...(name === secret && typeof key === "string" ? [key] : []),
    ...listed.flatMap((item) => (isObject(item) && typeof item.key === "string" ? [item.key] : [])),
    ...Object.values(value).flatMap((item) => keysNamed(item, secret)),
  ];
}

function secretFindings({ urn, object, secretPaths }: Rendered, id: string, entries: string[]): Finding[] {
  const what = describe(referenceOf(object));
  if (entries.length > 0) {
    const message =
      `${what}: ${entries.join(", ")} must not stand in a file. Write --secret-ref ${id}: the Secret is then left out, and has to be in the cluster ` +
      "before the rest is applied.";
    return [{ urn, message }];
  }
  const paths = [...new Set([...secretPaths, ...pathsOf(object, (value) => value.includes(ENCRYPTED))])];
  if (paths.length === 0) return [];
  const message =
    `${what}: ${paths.sort().join(", ")} ${paths.length === 1 ? "is" : "are"} secret and must not stand in a file. ` +
    `Put the value into a Secret and refer to it (env: valueFrom.secretKeyRef, configFrom, a mounted volume).`;
  return [{ urn, message }];
}

/** Maximum number of reported paths of one object. */
const TOLD = 5;

function unknownFindings({ urn, object: before }: Rendered, object: KubernetesObject): Finding[] {
  const unknown = pathsOf(object, (value) => value.includes(UNKNOWN) || value.startsWith(MADE_UP_UID));
  if (unknown.length === 0) return [];
  const name = pathsOf({ metadata: { name: before.metadata.name } }, (value) => value.includes(UNKNOWN));
  const what = name.length > 0 ? `${before.kind} without a known name` : describe(referenceOf(before));
  const told =
    unknown.slice(0, TOLD).join(", ") + (unknown.length > TOLD ? `, and ${unknown.length - TOLD} more` : "");
  const message =
    `${what}: ${told} cannot be known without a cluster or the Pulumi engine: it comes from a random value, from a secret's hash, or from an object that ` +
    "exists only in the cluster, and would be another one in every rendering. Give it as a plain value, or deploy this stack with Pulumi.";
  return [{ urn, message }];
}

function pathsOf(value: Json, matches: (text: string) => boolean, path = ""): string[] {
  if (typeof value === "string") return matches(value) ? [path] : [];
  if (Array.isArray(value))
    return value.flatMap((item, index) => pathsOf(item, matches, joinPath(path, index)));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => pathsOf(item, matches, joinPath(path, key)));
}

/** Annotations that only the Pulumi provider reads, and the unknown hash of another source's Secret. */
function withoutPulumi(object: KubernetesObject): KubernetesObject {
  const own = withoutAnnotations(object, (key) => key.startsWith("pulumi.com/"));
  const { spec } = own;
  if (!isObject(spec) || !isObject(spec.template) || !isObject(spec.template.metadata)) return own;
  const template = withoutAnnotations(
    spec.template as JsonObject & { metadata: JsonObject },
    (key, value) => key.startsWith("pulumi.com/") || (key === CONFIG_HASH && value === UNKNOWN),
  );
  return { ...own, spec: { ...spec, template } };
}

function withoutAnnotations<T extends { metadata: object }>(
  object: T,
  drop: (key: string, value: Json) => boolean,
): T {
  const { annotations, ...metadata } = object.metadata as { annotations?: Json };
  if (!isObject(annotations)) return object;
  const kept = Object.entries(annotations).filter(([key, value]) => !drop(key, value));
  return {
    ...object,
    metadata: { ...metadata, ...(kept.length > 0 ? { annotations: Object.fromEntries(kept) } : {}) },
  };
}

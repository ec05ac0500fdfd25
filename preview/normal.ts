/**
 * The common form of a change for the report, from any source: the engine's events, `pulumi preview --json`,
 * or two renderings. The engine's intention is only a hint: the report itself determines differences and
 * replacements.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Replaces a secret value of any length. The engine uses the same text. */
export const SECRET = "[secret]";

/**
 * Replaces a value that is known only after the update. This is the SDK's own mark, which the engine keeps in
 * its events.
 */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface Change {
  urn: string;
  /** Type token, e.g. `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Name in the program. */
  name: string;
  /** URN of the parent; empty for the stack. */
  parent: string;
  /** URNs; empty if the source does not provide them. */
  dependencies: string[];
  /** Inputs at the last update; undefined for a new resource. */
  before?: JsonObject;
  /** Inputs in the program now; undefined if the resource has been removed. */
  after?: JsonObject;
  /** Whether the engine refuses to delete it. */
  protectedBefore: boolean;
  protectedAfter: boolean;
  /** Whether it stays in Kubernetes after it leaves the program. */
  retained: boolean;
  /**
   * The operation announced by the engine, if any. It is only a hint, for changes that the inputs do not
   * show.
   */
  hint?: Hint;
}

export interface Hint {
  operation: "create" | "update" | "replace" | "delete" | "same";
  /** Input paths that the engine names as the reason. */
  paths: string[];
}

export interface PolicyFinding {
  level: "mandatory" | "advisory";
  pack: string;
  policy: string;
  /** URN; empty for the whole stack. */
  urn: string;
  message: string;
  /** Subject of the policy, and how to comply. */
  description: string;
}

export interface Message {
  severity: "error" | "warning";
  urn: string;
  text: string;
}

export interface Preview {
  source: "engine" | "json" | "renders";
  changes: Change[];
  policies: PolicyFinding[];
  messages: Message[];
  /**
   * Data that could not be read or is unknown, one sentence each: the report must never look complete when it
   * is not.
   */
  missing: string[];
}

/**
 * A content-addressed ConfigMap becomes a new resource when its content changes
 * (components/create/config-map.ts). The engine reports one created and one deleted; people see one ConfigMap
 * with new content.
 */
export function withContentsJoined(changes: readonly Change[]): Change[] {
  const stem = ({ type, parent, name }: Change) => [type, parent, withoutHash(name)].join(" ");
  const named = ({ name, before, after }: Change) =>
    withoutHash(name) !== name && (before ?? after)?.immutable === true;
  const gone = new Map(
    changes.filter((one) => one.after === undefined && named(one)).map((one) => [stem(one), one]),
  );
  const joined = new Set<Change>();
  const found = changes.map((change) => {
    const former = change.before === undefined && named(change) ? gone.get(stem(change)) : undefined;
    if (former === undefined || joined.has(former)) return change;
    joined.add(former);
    return { ...change, before: former.before, protectedBefore: former.protectedBefore };
  });
  return found.filter((change) => !joined.has(change));
}

/** The name of a resource, without the hash of its content. */
export function withoutHash(name: string): string {
  return name.replace(/-[0-9a-f]{8}$/, "");
}

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** The value at a path, or undefined. */
export function at(value: Json | undefined, ...path: (string | number)[]): Json | undefined {
  let found: Json | undefined = value;
  for (const key of path) {
    if (found === null || typeof found !== "object") return undefined;
    found = Array.isArray(found)
      ? found[Number(key)]
      : Object.hasOwn(found, key)
        ? found[String(key)]
        : undefined;
  }
  return found;
}

export function textAt(value: Json | undefined, ...path: (string | number)[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : typeof found === "number" ? String(found) : undefined;
}

export function objectAt(value: Json | undefined, ...path: (string | number)[]): JsonObject {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

export function listAt(value: Json | undefined, ...path: (string | number)[]): Json[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** Equality regardless of the order of keys. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => same(item, b[index]))
    );
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
  );
}

/** The kind of a Kubernetes object's type, including patches; undefined for other types. */
export function kindOf(type: string): string | undefined {
  if (!type.startsWith("kubernetes:")) return undefined;
  const kind = type.slice(type.lastIndexOf(":") + 1);
  return kind === "Patch" ? kind : kind.replace(/Patch$/, "");
}

/** A resource's title from its inputs, such as `Deployment orders/totals`. */
export function titleOf(
  { type, name }: Pick<Change, "type" | "name">,
  inputs: JsonObject | undefined,
): string {
  const kind = kindOf(type);
  if (kind === undefined) return `${type} ${name}`;
  const metadata = objectAt(inputs, "metadata");
  const namespace = textAt(metadata, "namespace");
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${textAt(metadata, "name") ?? name}`;
}

/** The provider's bookkeeping, which is of no interest to reviewers. */
const internalAnnotations = ["pulumi.com/autonamed", "kubectl.kubernetes.io/last-applied-configuration"];

/**
 * Makes inputs comparable between sources. Removes the provider's bookkeeping, empty fields that it adds or
 * drops, and all values of Secrets. Adds apiVersion and kind.
 */
export function normalise(type: string, inputs: JsonObject): JsonObject {
  const kind = kindOf(type);
  const value = { ...(withoutNothing(inputs) as JsonObject) };
  if (kind === undefined) return value;
  const group = type.split(":")[1] ?? "";
  value.apiVersion ??= group.replace(/^core\//, "");
  value.kind ??= kind;
  if (isObject(value.metadata)) {
    const metadata = { ...value.metadata };
    if (isObject(metadata.annotations)) {
      const kept = Object.entries(metadata.annotations).filter(([key]) => !internalAnnotations.includes(key));
      if (kept.length > 0) metadata.annotations = Object.fromEntries(kept);
      else delete metadata.annotations;
    }
    value.metadata = metadata;
  }
  return kind === "Secret" ? withoutSecrets(value) : value;
}

/**
 * A rendering has `stringData`, which the provider may have moved to `data`. Only the names of the entries
 * are shown.
 */
function withoutSecrets(secret: JsonObject): JsonObject {
  const { data, stringData, ...rest } = secret;
  if (data === undefined && stringData === undefined) return rest;
  if (!isObject(data ?? {}) || !isObject(stringData ?? {})) return { ...rest, data: SECRET };
  const keys = [...new Set([...Object.keys(objectAt(data)), ...Object.keys(objectAt(stringData))])].sort();
  return { ...rest, data: Object.fromEntries(keys.map((key) => [key, SECRET])) };
}

function withoutNothing(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNothing);
  if (!isObject(value)) return value;
  const kept: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === null || item === undefined || (key === "annotations" && same(item, {}))) continue;
    // An own property, even if it is called __proto__.
    Object.defineProperty(kept, key, {
      value: withoutNothing(item),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return kept;
}

/**
 * The one form in which the report sees a change, whatever told of it: the engine's events, `pulumi preview --json`, or two renderings. It knows nothing of what
 * the engine means to do beyond a hint: what differs, and what is replaced, the report works out by itself.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Stands in place of a secret value, of any length. The engine writes the same. */
export const SECRET = "[secret]";

/** Stands in place of a value that is known only after the update: the SDK's own mark, which the engine keeps in its events. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface Change {
  urn: string;
  /** Type token, e.g. `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Name in the program. */
  name: string;
  /** URN of the parent; empty for the stack. */
  parent: string;
  /** URNs; empty where the source does not tell. */
  dependencies: string[];
  /** Inputs as they were at the last update; undefined when the resource is new. */
  before?: JsonObject;
  /** Inputs as the program has them now; undefined when it is no longer in the program. */
  after?: JsonObject;
  /** Whether the engine refuses to delete it. */
  protectedBefore: boolean;
  protectedAfter: boolean;
  /** It stays in Kubernetes when it leaves the program. */
  retained: boolean;
  /** What the engine said that it would do, if there was one. Only a hint: for what cannot be seen in the inputs. */
  hint?: Hint;
}

export interface Hint {
  operation: "create" | "update" | "replace" | "delete" | "same";
  /** Paths of the inputs that the engine names as the reason. */
  paths: string[];
}

export interface PolicyFinding {
  level: "mandatory" | "advisory";
  pack: string;
  policy: string;
  /** URN; empty for the whole stack. */
  urn: string;
  message: string;
  /** What the policy is about, and how to comply. */
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
  /** What could not be read or known, a sentence each: the report must never look complete when it is not. */
  missing: string[];
}

/**
 * Of a ConfigMap that is named by its content, the components make another resource for another content (components/create/config-map.ts), of which the engine says that
 * one is created and one deleted. To a person that is one, with another content.
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

/** The name of a resource, whatever its content. */
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

/** Equal whatever the order of keys. */
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

/** The kind of a Kubernetes object's type, also of one that is patched, or undefined for anything else. */
export function kindOf(type: string): string | undefined {
  if (!type.startsWith("kubernetes:")) return undefined;
  const kind = type.slice(type.lastIndexOf(":") + 1);
  return kind === "Patch" ? kind : kind.replace(/Patch$/, "");
}

/** What people call a resource by its inputs, such as `Deployment orders/totals`. */
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

/** Bookkeeping of the provider that says nothing to a reviewer. */
const internalAnnotations = ["pulumi.com/autonamed", "kubectl.kubernetes.io/last-applied-configuration"];

/**
 * Inputs as every source has them: without the provider's bookkeeping and empty fields that it adds or drops, apiVersion and kind spelled
 * out, and no value of a Secret, whatever the source left in it.
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

/** A render names what `stringData` has; the provider may have moved it to `data`. Only the names of the entries are shown. */
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
    // An own property, also when it is called __proto__.
    Object.defineProperty(kept, key, {
      value: withoutNothing(item),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return kept;
}

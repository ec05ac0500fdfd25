/**
 * The SDK's wire format for property values (its `runtime/rpc.ts`): plain JSON with two exceptions. Unknown
 * values are a magic string, and secrets, outputs, resource references and assets are objects with a magic
 * key.
 */

import { isObject, type Json, type JsonObject } from "./json";

/** An unknown value, as the wire format's own string, so that answers need no translation. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

export interface Decoded {
  /** Secrets, outputs and references replaced by their values; unknowns as {@link UNKNOWN}. */
  value: JsonObject;
  /** Top-level keys with a secret anywhere below. The SDK has the same granularity. */
  secretKeys: string[];
  /** The same values for display, with {@link SECRET_SHOWN} instead of each secret value. */
  shown: JsonObject;
  /** Paths of the secrets: `stringData.password`, `spec.containers[0].env[1].value`, `data["a.b"]`. */
  secretPaths: string[];
}

/** The text shown for a secret, as in the engine. */
export const SECRET_SHOWN = "[secret]";

/** @param options.assets whether assets are allowed, which Kubernetes objects do not have */
export function decode(properties: JsonObject, { assets = false } = {}): Decoded {
  const secretKeys: string[] = [];
  const secretPaths: string[] = [];
  const value: JsonObject = {};
  const shown: JsonObject = {};
  for (const [key, wire] of Object.entries(properties)) {
    const before = secretPaths.length;
    value[key] = decodeValue(wire, joinPath("", key), secretPaths, assets);
    if (secretPaths.length > before) {
      secretKeys.push(key);
    }
    shown[key] = secretPaths.length > before ? shownValue(wire, assets) : value[key];
  }
  return { value, secretKeys, secretPaths, shown };
}

function shownValue(wire: Json, assets: boolean): Json {
  if (Array.isArray(wire)) return wire.map((item) => shownValue(item, assets));
  if (!isObject(wire)) return wire;
  if (wire[SIGNATURE] === SECRET || (wire[SIGNATURE] === OUTPUT && wire.secret === true)) return SECRET_SHOWN;
  if (wire[SIGNATURE] !== undefined) return decodeValue(wire, "", [], assets);
  return Object.fromEntries(Object.entries(wire).map(([key, item]) => [key, shownValue(item, assets)]));
}

/** The path of an entry, in the notation of code. */
export function joinPath(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (!/^[\w$-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

function decodeValue(wire: Json, path: string, secrets: string[], assets: boolean): Json {
  const decodeAt = (value: Json, at: string, found = secrets) => decodeValue(value, at, found, assets);
  const entriesOf = (map: JsonObject) =>
    Object.fromEntries(Object.entries(map).map(([key, item]) => [key, decodeAt(item, joinPath(path, key))]));
  if (Array.isArray(wire)) return wire.map((item, index) => decodeAt(item, joinPath(path, index)));
  if (wire === null || typeof wire !== "object") return wire;
  const { [SIGNATURE]: signature, ...content } = wire;
  switch (signature) {
    case undefined:
      return entriesOf(wire);
    case SECRET:
      secrets.push(path);
      return decodeAt(wire.value ?? null, path, []);
    case OUTPUT:
      if (wire.secret === true) secrets.push(path);
      if (wire.value === undefined) return UNKNOWN;
      return decodeAt(wire.value, path, wire.secret === true ? [] : secrets);
    case RESOURCE:
      return wire.id === undefined ? (wire.urn ?? null) : wire.id === "" ? UNKNOWN : wire.id;
    default:
      if (assets) return entriesOf(content);
      throw new Error(
        `${path} is an asset or archive, which a Kubernetes object cannot hold. Read the file and pass its text instead.`,
      );
  }
}

/** Adds the marks of secrets to an answer. */
export function markSecrets(properties: JsonObject, secretKeys: readonly string[]): JsonObject {
  const marked = { ...properties };
  for (const key of secretKeys) {
    if (marked[key] !== undefined) {
      marked[key] = { [SIGNATURE]: SECRET, value: marked[key] };
    }
  }
  return marked;
}

export function hasUnknown(value: Json | undefined): boolean {
  if (value === UNKNOWN) {
    return true;
  }
  if (value === null || typeof value !== "object") {
    return false;
  }
  return Object.values(value).some(hasUnknown);
}

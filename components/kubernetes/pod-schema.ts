import { readFileSync } from "node:fs";
import path from "node:path";

/**
 * The Kubernetes API types of a pod, and how a strategic merge patch treats their lists. Generated from the
 * API's own description (see local/generate/pod-schema.ts).
 */
export interface ObjectType {
  required: readonly string[];
  fields: ReadonlyMap<string, FieldType>;
}

export type FieldType = ScalarType | ObjectReference | MapType | ListType;

export interface ScalarType {
  kind: "string" | "integer" | "boolean" | "number" | "quantity" | "int-or-string" | "any";
  /** Allowed values of a string. */
  values?: readonly string[];
}

export interface ObjectReference {
  kind: "object";
  type: string;
}

export interface MapType {
  kind: "map";
  of: FieldType;
}

export interface ListType {
  kind: "list";
  of: FieldType;
  /** Whether a patch adds to the list; otherwise it replaces the list. */
  merge: boolean;
  /**
   * The field by which a patch finds the entry to change. Only with `merge`; lists of plain values have none.
   */
  mergeKey?: string;
  /** The combination of these fields must be unique among the entries. */
  keys: readonly string[];
  /** Whether entries must be unique. */
  set: boolean;
}

// This type makes the compiler copy the file to its output.
type SchemaFile = typeof import("./pod-types.json");

interface WrittenType {
  required?: readonly string[];
  fields: Readonly<Record<string, string>>;
}

let written: Readonly<Record<string, WrittenType>> | undefined;
const read = new Map<string, ObjectType>();

/** A type by its Kubernetes name, such as `Container`. */
export function objectType(name: string): ObjectType {
  let type = read.get(name);
  if (!type) {
    written ??= loadTypes();
    if (!Object.hasOwn(written, name)) throw new Error(`no such Kubernetes type: ${name}`);
    const { required = [], fields } = written[name]!;
    const parsed = Object.entries(fields).map(([field, text]) => [field, parseType(text)] as const);
    type = { required, fields: new Map(parsed) };
    read.set(name, type);
  }
  return type;
}

/**
 * The type for a text: `Volume` (a single one), `PodSpec.volumes` (that field), `[Volume]` (a list of them).
 */
export function fieldType(text: string): FieldType {
  const [, owner, field] = /^(\w+)\.(\w+)$/.exec(text) ?? [];
  if (owner === undefined || field === undefined) return parseType(text);
  const type = objectType(owner).fields.get(field);
  if (!type) throw new Error(`a Kubernetes type has no field ${text}`);
  return type;
}

function loadTypes(): Readonly<Record<string, WrittenType>> {
  const text = readFileSync(path.join(__dirname, "pod-types.json"), "utf8");
  return (JSON.parse(text) as SchemaFile).types as Record<string, WrittenType>;
}

/**
 * `string`, `enum A|B`, `Type`, `{type}` for a map, and `[type]` for a list, followed by the rules for its
 * entries.
 */
function parseType(text: string): FieldType {
  if (text.startsWith("{")) return { kind: "map", of: parseType(text.slice(1, -1)) };
  if (text.startsWith("[")) {
    const end = text.lastIndexOf("]");
    const options = text.slice(end + 1);
    return {
      kind: "list",
      of: parseType(text.slice(1, end)),
      merge: options.includes(" merge"),
      mergeKey: / merge=(\w+)/.exec(options)?.[1],
      keys: / keys=([\w,]+)/.exec(options)?.[1]?.split(",") ?? [],
      set: options.includes(" set"),
    };
  }
  if (text.startsWith("enum ")) return { kind: "string", values: text.slice("enum ".length).split("|") };
  if (/^[A-Z]/.test(text)) return { kind: "object", type: text };
  return { kind: text as ScalarType["kind"] };
}

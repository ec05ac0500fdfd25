import { isPlainObject } from "../args/shape";
import { type FieldType, fieldType, type ListType, objectType } from "./pod-schema";

type Fields = Record<string, unknown>;

/**
 * Applies a strategic merge patch like `kubectl patch --type strategic`; Outputs replace the old value.
 * Unlike with kubectl, entries keep the order of the base and new ones follow: our container stays the first,
 * and a variable can refer to earlier ones. Changes neither argument. The patch must have passed checkPatch.
 */
export function strategicMerge<T>(base: T, patch: unknown, type = "PodTemplateSpec"): T {
  return mergeValue(base, patch, fieldType(type)) as T;
}

function mergeValue(base: unknown, patch: unknown, type: FieldType): unknown {
  if (isPlainObject(patch)) {
    if (patch.$patch === "replace") return clean(patch);
    if (patch.$patch === "delete") return {};
    return isPlainObject(base) ? mergeFields(base, patch, type) : clean(patch);
  }
  if (Array.isArray(patch) && Array.isArray(base) && type.kind === "list" && type.merge) {
    return type.mergeKey === undefined ? [...new Set([...base, ...patch])] : mergeList(base, patch, type);
  }
  return clean(patch);
}

function mergeFields(base: Fields, patch: Fields, type: FieldType): Fields {
  const merged = new Map(Object.entries(base));
  for (const [field, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null || (!merged.has(field) && isDirective(value))) merged.delete(field);
    else merged.set(field, mergeValue(merged.get(field), value, typeOf(type, field)));
  }
  return Object.fromEntries(merged);
}

function mergeList(base: unknown[], patch: unknown[], type: ListType): unknown[] {
  const key = type.mergeKey!;
  const keyOf = (entry: unknown) => (isPlainObject(entry) ? entry[key] : undefined);
  const directives = patch.filter(isDirective);
  const entries = patch.filter((entry) => !isDirective(entry));
  if (directives.some(({ $patch }) => $patch === "replace")) return clean(entries) as unknown[];

  const deleted = new Set(directives.map(keyOf));
  const merged = base.filter((entry) => !deleted.has(keyOf(entry)));
  for (const entry of entries) {
    const known = keyOf(entry);
    const index = known === undefined ? -1 : merged.findIndex((other) => keyOf(other) === known);
    if (index < 0) merged.push(clean(entry));
    else merged[index] = mergeValue(merged[index], entry, type.of);
  }
  return merged;
}

/** A replacing or new value of the patch, without nulls and merge directives. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((entry) => !isDirective(entry)).map(clean);
  if (!isPlainObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([field, inner]) => field !== "$patch" && inner !== undefined && inner !== null && !isDirective(inner),
  );
  return Object.fromEntries(kept.map(([field, inner]) => [field, clean(inner)]));
}

function isDirective(value: unknown): value is Fields {
  return isPlainObject(value) && "$patch" in value;
}

function typeOf(type: FieldType, field: string): FieldType {
  const known = type.kind === "object" ? objectType(type.type).fields.get(field) : undefined;
  return known ?? (type.kind === "map" ? type.of : { kind: "any" });
}

import { type Change, type JsonObject, normalise } from "../../../preview/normal";

/** The change of one resource that stands alone, as every source would give it. */
export function changeOf(type: string, name: string, before: JsonObject, after: JsonObject): Change {
  return {
    urn: `urn:pulumi:s::p::${type}::${name}`,
    type,
    name,
    parent: "",
    dependencies: [],
    before: normalise(type, before),
    after: normalise(type, after),
    protectedBefore: false,
    protectedAfter: false,
    retained: false,
  };
}

import {
  type Change,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  normalise,
  objectAt,
  type Preview,
  textAt,
} from "../normal";

/**
 * Output of `flink-kubernetes render --format registrations`: resources of a program, without a cluster or
 * an engine.
 */
export interface Registrations {
  format: "flink-kubernetes/registrations/1";
  project: string;
  stack: string;
  resources: Registered[];
}

export interface Registered {
  urn: string;
  type: string;
  name: string;
  parent: string;
  dependencies: string[];
  protect: boolean;
  retainOnDelete: boolean;
  ignoreChanges: string[];
  /** A sentinel replaces secrets. */
  inputs: Record<string, unknown>;
}

export const registrationsFormat = "flink-kubernetes/registrations/1";

/** Parses one rendering. Its problem is a sentence for the report. */
export function readRegistrations(text: string, what: string): { found?: Registrations; problem?: string } {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    const why = text.trim() === "" ? "is empty" : "is not JSON, or ends in the middle";
    return { problem: `the rendering of the ${what} ${why}` };
  }
  if (textAt(value, "format") !== registrationsFormat || !Array.isArray((value as JsonObject).resources)) {
    const format = "flink-kubernetes render --format registrations";
    return { problem: `the rendering of the ${what} is not what \`${format}\` writes` };
  }
  return { found: value as unknown as Registrations };
}

/** Changes between two renderings. An undefined side could not be read; null means a new stack. */
export function compareRenders(
  base: Registrations | null | undefined,
  head: Registrations | null | undefined,
): Preview {
  const missing = [
    ...(base === undefined ? ["what was there before is not known: everything looks new"] : []),
    ...(head === undefined ? ["what the change asks for is not known: no change is shown"] : []),
  ];
  const changes: Change[] = [];
  if (head !== undefined) {
    const was = byUrn(base?.resources);
    const is = byUrn(head?.resources);
    const urns = [...is.keys(), ...[...was.keys()].filter((urn) => !is.has(urn))];
    changes.push(...urns.map((urn) => changeOf(was.get(urn), is.get(urn))));
  }
  return { source: "renders", changes, policies: [], messages: [], missing };
}

function byUrn(resources: Registered[] = []): Map<string, Registered> {
  return new Map(
    resources
      .filter(isObject)
      .map((resource) => [withoutPatch(String(resource.urn)), resource as unknown as Registered]),
  );
}

/**
 * A created and an adopted object are the same object: the program uses aliases to switch, which a rendering
 * does not show.
 */
function withoutPatch(urn: string): string {
  return urn.replace(/(kubernetes:[^:]+:\w+)Patch::/, "$1::");
}

function changeOf(was: Registered | undefined, is: Registered | undefined): Change {
  const any = (is ?? was)!;
  const before = was && normalise(any.type, objectAt(was.inputs as JsonObject));
  const after = is && normalise(any.type, objectAt(is.inputs as JsonObject));
  return {
    urn: any.urn,
    type: any.type,
    name: any.name,
    parent: any.parent,
    dependencies: listAt(any as unknown as Json, "dependencies").map(String),
    before,
    after: before && after ? ignoring(before, after, is.ignoreChanges ?? []) : after,
    protectedBefore: was?.protect === true,
    protectedAfter: is?.protect === true,
    retained: was?.retainOnDelete === true,
  };
}

/** Like the engine: ignored paths keep their old value. */
function ignoring(before: JsonObject, after: JsonObject, paths: string[]): JsonObject {
  if (paths.length === 0) return after;
  const result = structuredClone(after);
  for (const path of paths) keep(before, result, path.split("."));
  return result;
}

function keep(from: JsonObject, to: JsonObject, [key = "", ...rest]: string[]): void {
  if (rest.length > 0) {
    if (isObject(from[key]) && isObject(to[key])) keep(from[key], to[key], rest);
  } else if (from[key] === undefined) Reflect.deleteProperty(to, key);
  else to[key] = structuredClone(from[key]);
}

import { isScalar } from "yaml";
import { isObject, type Json, type JsonObject, type KubernetesObject } from "./json";
import { yamlOf } from "./yaml";
import type { EventHandler, Finding, Note } from "./events";
import type { Answer, Read, Responder } from "./host";
import { idOf, isKubernetes, namespacedByDefault, objectOf, parseId, withoutIgnored } from "./objects";
import { defaultNamespace } from "./providers";
import { isRandom, placeholder } from "./random";
import { noteOn, noteOnCall, noteOnOptions, noteOnRead, refusal } from "./notes";
import type { Registration } from "./registration";
import { UNKNOWN } from "./values";

/** An object of a program, with its options. Values that only a cluster knows are {@link UNKNOWN}. */
export interface Rendered {
  urn: string;
  /** URNs of all its dependencies. */
  dependencies: string[];
  /** Paths of its secrets. */
  secretPaths: string[];
  /** Whether the program protects it. */
  protect: boolean;
  object: KubernetesObject;
}

/** Prefix of the objects' uids here. */
export const MADE_UP_UID = "uid-of-";

/** Collects the objects of a program without a cluster. Values from a cluster stay unknown to the program. */
export class Rendering implements Responder {
  readonly findings: Finding[] = [];
  readonly notes: Note[] = [];
  private readonly rendered: Rendered[] = [];
  /** Dependencies of all resources, objects and others. */
  private readonly dependencies = new Map<string, string[]>();
  private readonly namespaces = new Map<string, string | undefined>();

  constructor(
    namespace: string | undefined,
    private readonly onEvent: EventHandler,
    /** The program's values of `@pulumi/random`: a placeholder text, or undefined. */
    private readonly random: "placeholder" | "unknown" = "placeholder",
  ) {
    this.namespaces.set("", namespace);
  }

  async register(registration: Registration): Promise<Answer> {
    const { urn, type, inputs, custom, secretKeys } = registration;
    this.dependencies.set(urn, registration.dependencies);
    const refused = refusal(registration);
    if (refused !== undefined) this.findings.push({ urn, message: refused });
    const left = noteOn(registration);
    for (const note of [left, noteOnOptions(registration)]) if (note) this.notes.push({ urn, ...note });
    // Missing outputs are unknown to the program, as in the engine's own preview.
    if (refused !== undefined || left !== undefined || !custom) return { outputs: inputs, secretKeys };
    if (isRandom(type)) {
      return this.random === "unknown" ? { outputs: inputs, secretKeys } : placeholder(registration);
    }
    if (!isKubernetes(type)) {
      const found = defaultNamespace(inputs);
      if ("refused" in found) {
        this.findings.push({ urn, message: found.refused });
      } else {
        this.namespaces.set(urn, found.namespace);
      }
      return { id: "recorded", outputs: inputs, secretKeys };
    }
    return this.object(registration);
  }

  private object(registration: Registration): Answer {
    const { urn, dependencies, provider, options } = registration;
    const object = objectOf(registration);
    const { namespace = this.namespaces.get(provider), ...metadata } = object.metadata;
    const placed = {
      ...object,
      metadata: { ...metadata, ...(namespacedByDefault(object.kind) && namespace ? { namespace } : {}) },
    } as KubernetesObject;
    this.rendered.push({
      urn,
      dependencies,
      secretPaths: registration.secretPaths ?? [],
      protect: options.protect,
      object: withoutIgnored(placed, options.ignoreChanges),
    });
    const id = idOf(placed.metadata);
    // Known and stable, so that values computed from it are rendered, and clearly not a real uid.
    const uid = `${MADE_UP_UID}${object.kind.toLowerCase()}-${id.replace("/", "-")}`;
    const outputs: JsonObject = { ...placed, metadata: { ...placed.metadata, uid } };
    return { id, outputs, secretKeys: [...registration.secretKeys, ...options.additionalSecretOutputs] };
  }

  /** Without a cluster to read from, the object is not rendered, and values from it are unknown. */
  async read(read: Read): Promise<Answer> {
    this.dependencies.set(read.urn, read.dependencies);
    const note = noteOnRead(read);
    if (note !== undefined) this.notes.push({ urn: read.urn, ...note });
    if (note !== undefined || read.id === UNKNOWN) return { outputs: {} };
    return { id: read.id, outputs: { metadata: { ...parseId(read.id) } } };
  }

  invoke(token: string, urn: string, canBeUnknown: boolean): void {
    const told = { ...(urn ? { urn } : {}), message: noteOnCall(token) };
    if (canBeUnknown) {
      this.notes.push(told);
      return;
    }
    this.findings.push({ ...told, needsEngine: true });
    throw new Error(told.message);
  }

  /** The objects in an order for applying them. Independent objects are sorted by URN, for a stable order. */
  objects(): KubernetesObject[] {
    const placeholders = new Set<string>();
    const objects = sortByDependency(this.rendered).map(({ urn, object }) =>
      markUnknowns(object, urn, placeholders),
    );
    for (const urn of [...placeholders].sort()) {
      const message =
        "this object has values that only a cluster or a generator knows; look for <unknown> and GENERATE-ME in it";
      this.onEvent({ type: "log", severity: "warning", message, urn });
    }
    return objects;
  }

  /** The same with options. Dependencies are objects only, also indirect ones through other resources. */
  manifests(): Rendered[] {
    const urns = new Set(this.rendered.map(({ urn }) => urn));
    const behind = (urn: string, seen: Set<string>): string[] => {
      if (seen.has(urn)) return [];
      seen.add(urn);
      return urns.has(urn)
        ? [urn]
        : (this.dependencies.get(urn) ?? []).flatMap((other) => behind(other, seen));
    };
    const ordered = this.rendered.map((rendered) => {
      const seen = new Set<string>();
      return { ...rendered, dependencies: rendered.dependencies.flatMap((urn) => behind(urn, seen)).sort() };
    });
    return sortByDependency(ordered);
  }
}

function sortByDependency(rendered: Rendered[]): Rendered[] {
  const waiting = [...rendered].sort((a, b) => (a.urn < b.urn ? -1 : 1));
  const urns = new Set(waiting.map(({ urn }) => urn));
  const done = new Set<string>();
  const sorted: Rendered[] = [];
  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ dependencies }) =>
      dependencies.every((urn) => done.has(urn) || !urns.has(urn)),
    );
    const [next] = waiting.splice(Math.max(ready, 0), 1); // a program that has ended has no cycles
    done.add(next!.urn);
    sorted.push(next!);
  }
  return sorted;
}

function markUnknowns(object: KubernetesObject, urn: string, placeholders: Set<string>): KubernetesObject {
  function mark(value: Json, where: string): Json {
    if (value === UNKNOWN) {
      placeholders.add(urn);
      return `<unknown until applied: ${where}>`;
    }
    if (typeof value === "string" && value.includes("GENERATE-ME-")) {
      placeholders.add(urn);
    }
    if (Array.isArray(value)) {
      return value.map((item, index) => mark(item, `${where}[${index}]`));
    }
    return isObject(value)
      ? Object.fromEntries(
          Object.entries(value).map(([key, item]) => [key, mark(item, where ? `${where}.${key}` : key)]),
        )
      : value;
  }
  return mark(object, "") as KubernetesObject;
}

const FIRST = ["apiVersion", "kind", "metadata", "name", "namespace"];

/** One object as YAML: its identity first, other fields sorted, independent of their order in the program. */
export function toYaml(object: KubernetesObject): string {
  return yamlOf(object, {
    sortMapEntries: (a, b) => rank(a.key) - rank(b.key) || (keyText(a.key) < keyText(b.key) ? -1 : 1),
  });
}

function rank(key: unknown): number {
  const index = FIRST.indexOf(keyText(key));
  return index === -1 ? FIRST.length : index;
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

export function toStream(objects: KubernetesObject[]): string {
  return objects.map((object) => `---\n${toYaml(object)}`).join("");
}

import { isUnknown, readProperty, unknown, UNKNOWN } from "./unknown";

/** A step into an object or list. */
export type Key = string | number;

/** Hears which unknown values the rule that is running has asked for. One for each resource. */
export interface Reader {
  /** URN of the resource. */
  readonly urn: string;
  /**
   * The resource is only part of an object (a `*Patch` resource), so what it does not say may be said elsewhere: nothing in it
   * counts as missing.
   */
  readonly partial: boolean;
  /** Called with every unknown value that is looked at. */
  unknown(value: Value): void;
}

/** Where the parts of a value that is put together from several places come from. */
export class Origin {
  /** @param keys where to point for what is here, and, extended, for what is not in it. */
  constructor(
    readonly keys: readonly Key[],
    private readonly parts: ReadonlyMap<Key, Origin> = new Map(),
  ) {}

  inside(key: Key): Origin {
    return this.parts.get(key) ?? new Origin([...this.keys, key]);
  }
}

/**
 * A place in a resource's properties, whatever is there: a value, an unknown that only the update will tell, or nothing.
 *
 * No method throws, and none stops a rule. An unknown answers "no" to every question (it is not missing, its text is undefined, its list
 * is empty), and the reader notes that the rule asked: the rule goes on and finds what it can, and its result also says what was
 * undetermined. So write one question a field, and never let the answer for one field decide whether another is looked at.
 */
export class Value {
  constructor(
    private readonly raw: unknown,
    /** The place that this one is in, and the step into it. Paths are made only when somebody asks. */
    private readonly within: Value | readonly Key[],
    readonly reader: Reader,
    private readonly key?: Key,
    /** Of what is put together from several places: where somebody wrote this. */
    private readonly origin?: Origin,
  ) {}

  get keys(): readonly Key[] {
    if (this.origin) return this.origin.keys;
    return this.within instanceof Value ? [...this.within.keys, this.key!] : this.within;
  }

  /** `spec.containers[0].image`, `metadata.labels["app.kubernetes.io/name"]`. */
  get path(): string {
    return pathOf(this.keys);
  }

  /** The value inside, by one or more steps. Inside an unknown everything is unknown, inside nothing everything is absent. */
  get(...keys: Key[]): Value {
    return keys.reduce<Value>((at, key) => at.inside(key), this);
  }

  private inside(key: Key): Value {
    const { raw } = this;
    const inner = raw === unknown ? unknown : isOwn(raw, key) ? readProperty(raw as object, key) : undefined;
    return new Value(inner, this, this.reader, key, this.origin?.inside(key));
  }

  /** Known only during the update. Asking notes it. */
  get isUnknown(): boolean {
    if (this.raw !== unknown && !isUnknown(this.raw)) return false;
    this.reader.unknown(this);
    return true;
  }

  /** Nothing is here, or null. Of a patch that says only: not here. */
  get isAbsent(): boolean {
    return !this.isUnknown && (this.raw === undefined || this.raw === null);
  }

  /** Nothing is here although the object is complete: for rules that ask for a field. Never true of an unknown or in a patch. */
  get isMissing(): boolean {
    return this.isAbsent && !this.reader.partial;
  }

  /** A known value of any type is here. */
  get isPresent(): boolean {
    return !this.isUnknown && !this.isAbsent;
  }

  text(): string | undefined {
    return this.of("string") as string | undefined;
  }

  number(): number | undefined {
    return this.of("number") as number | undefined;
  }

  boolean(): boolean | undefined {
    return this.of("boolean") as boolean | undefined;
  }

  /** A string, or a number as its text: quantities and ports are written either way. */
  scalar(): string | undefined {
    if (this.isUnknown) return undefined;
    return typeof this.raw === "string" || typeof this.raw === "number" ? String(this.raw) : undefined;
  }

  /** The entries of a list; none when it is something else. */
  list(): Value[] {
    if (this.isUnknown || !Array.isArray(this.raw)) return [];
    const length = this.raw.length;
    return Array.from({ length }, (_, index) => this.get(index));
  }

  /** The entries of a map that are not null. */
  entries(): [string, Value][] {
    if (this.isUnknown || !isObject(this.raw)) return [];
    return Object.keys(this.raw)
      .filter((key) => !key.startsWith("__"))
      .map((key): [string, Value] => [key, this.get(key)])
      .filter(([, value]) => value.raw !== undefined && value.raw !== null);
  }

  /** Whether a list of texts has one of them: undefined when an unknown entry, or an unknown list, may or may not be it. */
  includes(...wanted: string[]): boolean | undefined {
    const items = this.list();
    if (items.some((item) => item.raw !== unknown && wanted.includes(item.raw as string))) return true;
    return this.isUnknown || items.some((item) => item.isUnknown) ? undefined : false;
  }

  /** Plain data, for parsers and messages: a copy in which unknowns are undefined (and noted). */
  plain(): unknown {
    if (this.isUnknown) return undefined;
    if (Array.isArray(this.raw)) return this.list().map((item) => item.plain());
    if (isObject(this.raw))
      return Object.fromEntries(this.entries().map(([key, value]) => [key, value.plain()]));
    return this.raw;
  }

  /** Plain data in which unknowns stay marked as the engine marks them. Notes nothing: it is for making another value of it. */
  marked(): unknown {
    if (this.raw === unknown) return UNKNOWN;
    if (typeof this.raw !== "object" || this.raw === null) return this.raw;
    const inside = (key: Key) => this.get(key).marked();
    if (Array.isArray(this.raw)) return Array.from({ length: this.raw.length }, (_, index) => inside(index));
    return Object.fromEntries(Object.keys(this.raw).map((key) => [key, inside(key)]));
  }

  private of(type: "string" | "number" | "boolean"): unknown {
    return !this.isUnknown && typeof this.raw === type ? this.raw : undefined;
  }
}

export function pathOf(keys: readonly Key[]): string {
  return keys
    .map((key, index) => {
      if (typeof key === "number") return `[${key}]`;
      if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join("");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Not what objects and lists inherit: a label may be called `constructor`. */
function isOwn(value: unknown, key: Key): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key);
}

/** The steps of a path: what {@link pathOf} was made of. */
export function keysOf(path: string): Key[] {
  const steps = path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|[^.[]+/g);
  return [...steps].map(([plain, index, quoted]) => {
    if (index !== undefined) return Number(index);
    return quoted === undefined ? plain : (JSON.parse(quoted) as string);
  });
}

import { isUnknown, readProperty, unknown, UNKNOWN } from "./unknown";

/** A step into an object or list. */
export type Key = string | number;

/** Records the unknown values that the running rule reads. One for each resource. */
export interface Reader {
  /** URN of the resource. */
  readonly urn: string;
  /**
   * The resource is only a part of an object (a `*Patch` resource). Other fields may exist elsewhere, so no
   * field of it counts as missing.
   */
  readonly partial: boolean;
  /** Called with every unknown value that is read. */
  unknown(value: Value): void;
}

/** The origins of a value that is merged from several places. */
export class Origin {
  /** @param keys the place of the value, and with further keys the place of a missing part. */
  constructor(
    readonly keys: readonly Key[],
    private readonly parts: ReadonlyMap<Key, Origin> = new Map(),
  ) {}

  inside(key: Key): Origin {
    return this.parts.get(key) ?? new Origin([...this.keys, key]);
  }
}

/**
 * A place in a resource's properties, with a value, with an unknown value until the update, or without a
 * value.
 *
 * No method throws or stops a rule. An unknown value answers "no" to every question: it is not missing, its
 * text is undefined, its list is empty. The reader notes that the rule read it. The rule continues, and its
 * result also names the undetermined places. So check each field separately, and never let one field decide
 * whether another is checked.
 */
export class Value {
  constructor(
    private readonly raw: unknown,
    /** The outer place, and the step from it to this one. Paths are computed only on demand. */
    private readonly within: Value | readonly Key[],
    readonly reader: Reader,
    private readonly key?: Key,
    /** For merged values: the place where this value was written. */
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

  /**
   * An inner value, by one or more steps. It is unknown inside an unknown value, and absent inside an absent
   * one.
   */
  get(...keys: Key[]): Value {
    return keys.reduce<Value>((at, key) => at.inside(key), this);
  }

  private inside(key: Key): Value {
    const { raw } = this;
    const inner = raw === unknown ? unknown : isOwn(raw, key) ? readProperty(raw as object, key) : undefined;
    return new Value(inner, this, this.reader, key, this.origin?.inside(key));
  }

  /** Whether the value is known only during the update. The call notes it. */
  get isUnknown(): boolean {
    if (this.raw !== unknown && !isUnknown(this.raw)) return false;
    this.reader.unknown(this);
    return true;
  }

  /** Whether there is no value, or null. In a patch the object may still have one. */
  get isAbsent(): boolean {
    return !this.isUnknown && (this.raw === undefined || this.raw === null);
  }

  /**
   * Whether a complete object has no value here, for rules that demand a field. False for unknowns and in
   * patches.
   */
  get isMissing(): boolean {
    return this.isAbsent && !this.reader.partial;
  }

  /** Whether there is a known value of any type. */
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

  /** A string, or a number as text: quantities and ports may be either. */
  scalar(): string | undefined {
    if (this.isUnknown) return undefined;
    return typeof this.raw === "string" || typeof this.raw === "number" ? String(this.raw) : undefined;
  }

  /** The entries of a list; empty for other values. */
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

  /**
   * Whether a list contains one of these texts: undefined if the list or a possibly matching entry is
   * unknown.
   */
  includes(...wanted: string[]): boolean | undefined {
    const items = this.list();
    if (items.some((item) => item.raw !== unknown && wanted.includes(item.raw as string))) return true;
    return this.isUnknown || items.some((item) => item.isUnknown) ? undefined : false;
  }

  /** A plain copy, for parsers and messages. Unknown values are undefined, and noted. */
  plain(): unknown {
    if (this.isUnknown) return undefined;
    if (Array.isArray(this.raw)) return this.list().map((item) => item.plain());
    if (isObject(this.raw))
      return Object.fromEntries(this.entries().map(([key, value]) => [key, value.plain()]));
    return this.raw;
  }

  /** A plain copy with the engine's marks for unknowns, for creating another value. Notes nothing. */
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

/** Only own properties: a label may be called `constructor`. */
function isOwn(value: unknown, key: Key): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key);
}

/** The steps of a path: the inverse of {@link pathOf}. */
export function keysOf(path: string): Key[] {
  const steps = path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|[^.[]+/g);
  return [...steps].map(([plain, index, quoted]) => {
    if (index !== undefined) return Number(index);
    return quoted === undefined ? plain : (JSON.parse(quoted) as string);
  });
}

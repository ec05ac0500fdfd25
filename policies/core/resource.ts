import type { Pod, PodTemplates } from "./pods";
import { podsOf } from "./pods";
import { type Reader, Value } from "./value";

/** The input of a rule about a resource. The arguments of a Pulumi policy contain all of it. */
export interface ResourceInput {
  /** Type token: `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Inputs (of a stack policy: outputs), unknowns as the engine writes them. */
  props: object;
  urn: string;
  /** The resource's name in the program. */
  name: string;
  /** Additional kinds whose pods the rules should check. */
  podTemplates?: PodTemplates;
  opts?: { protect?: boolean; retainOnDelete?: boolean; parent?: string; ignoreChanges?: readonly string[] };
}

/** A resource with typed methods, so that rules need not parse tokens or handle unknowns. */
export class Resource {
  readonly type: string;
  readonly urn: string;
  readonly name: string;
  readonly protect: boolean;
  /** Paths of properties that an update does not change. */
  readonly ignoreChanges: readonly string[];
  /**
   * API group: empty for the core group, `apps`, `flink.apache.org`; undefined if it is not a Kubernetes
   * object.
   */
  readonly group: string | undefined;
  /** API version: `v1`. */
  readonly version: string | undefined;
  /**
   * Kubernetes kind, without the `Patch` of Pulumi's patch resources. Undefined if it is not a Kubernetes
   * object.
   */
  readonly kind: string | undefined;
  /** A `*Patch` resource: part of an existing object. Rules that demand a field do not apply to it. */
  readonly isPatch: boolean;
  /** Only in stack rules, and only if it is part of the stack. */
  parent: Resource | undefined;
  /** URN of the parent, if the engine sends it. */
  readonly parentUrn: string | undefined;
  /** Only in stack rules. */
  dependencies: readonly Resource[] = [];
  /** Only in stack rules: by top-level property. */
  propertyDependencies: Readonly<Record<string, readonly Resource[]>> = {};

  private noted = new Map<string, Value>();
  private podList: Pod[] | undefined;
  private root: Value | undefined;

  constructor(private readonly input: ResourceInput) {
    const token = parseToken(input.type);
    this.type = input.type;
    this.urn = input.urn;
    this.name = input.name;
    this.protect = input.opts?.protect === true;
    this.ignoreChanges = input.opts?.ignoreChanges ?? [];
    this.parentUrn = input.opts?.parent;
    this.group = token?.group;
    this.version = token?.version;
    this.kind = token?.kind;
    this.isPatch = token?.isPatch ?? false;
  }

  /** All properties: inputs, or outputs in a stack rule. Read at the first use. */
  get props(): Value {
    if (!this.root) {
      const reader: Reader = {
        urn: this.urn,
        partial: this.isPatch,
        unknown: (value) => {
          this.noted.set(value.path, value);
        },
      };
      this.root = new Value(this.input.props, [], reader);
    }
    return this.root;
  }

  get metadata(): Value {
    return this.props.get("metadata");
  }

  get spec(): Value {
    return this.props.get("spec");
  }

  /** The object's name in Kubernetes, undefined while it is unknown or left to be generated. */
  get objectName(): string | undefined {
    return this.metadata.get("name").text();
  }

  /** The object's namespace as written, undefined while it is unknown or left to the provider. */
  get namespace(): string | undefined {
    return this.metadata.get("namespace").text();
  }

  label(key: string): Value {
    return this.metadata.get("labels", key);
  }

  annotation(key: string): Value {
    return this.metadata.get("annotations", key);
  }

  /** Its pods: see {@link Pod}. Empty for resources without pods. */
  get pods(): readonly Pod[] {
    return (this.podList ??= podsOf(this, this.input.podTemplates));
  }

  /** Whether it has one of these kinds; `group/Kind` also compares the group. */
  is(...kinds: string[]): boolean {
    return kinds.some((kind) => kind === this.kind || kind === `${this.group}/${this.kind}`);
  }

  /** Returns the unknown values that were read since the last call, and forgets them. */
  takeUnknowns(): Value[] {
    const values = [...this.noted.values()];
    if (values.length > 0) this.noted = new Map();
    return values;
  }
}

interface Token {
  group: string;
  version: string;
  kind: string;
  isPatch: boolean;
}

/**
 * Parses tokens such as `kubernetes:apps/v1:Deployment`, and `kubernetes:<apiVersion>:<Kind>` of custom
 * resources. Rules compare group and kind, because a kind has several tokens: for API versions and for
 * patches.
 */
export function parseToken(type: string): Token | undefined {
  const [, group, version, kind] =
    /^kubernetes:(?:([a-z0-9.-]+)\/)?(v\d+(?:(?:alpha|beta)\d+)?):([A-Z]\w*)$/.exec(type) ?? [];
  if (version === undefined || kind === undefined) return undefined;
  // Pulumi shortens some groups of Kubernetes, but not rbac.authorization.k8s.io.
  const isPatch = kind.endsWith("Patch") && kind !== "Patch";
  return {
    group: group === undefined || group === "core" ? "" : group,
    version,
    kind: isPatch ? kind.slice(0, -"Patch".length) : kind,
    isPatch,
  };
}

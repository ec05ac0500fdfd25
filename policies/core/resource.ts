import type { Pod, PodTemplates } from "./pods";
import { podsOf } from "./pods";
import { type Reader, Value } from "./value";

/** What a rule needs to be told of a resource; the arguments of a Pulumi policy have all of it. */
export interface ResourceInput {
  /** Type token: `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Inputs (of a stack policy: outputs), unknowns as the engine writes them. */
  props: object;
  urn: string;
  /** The resource's name in the program. */
  name: string;
  /** Kinds beside those that are known, whose pods rules are to look at. */
  podTemplates?: PodTemplates;
  opts?: { protect?: boolean; retainOnDelete?: boolean; parent?: string; ignoreChanges?: readonly string[] };
}

/** A resource with typed questions, so that no rule parses tokens or guards against unknowns itself. */
export class Resource {
  readonly type: string;
  readonly urn: string;
  readonly name: string;
  readonly protect: boolean;
  /** Paths of properties that an update leaves as they are. */
  readonly ignoreChanges: readonly string[];
  /** API group: empty for the core group, `apps`, `flink.apache.org`; undefined when it is no Kubernetes object. */
  readonly group: string | undefined;
  /** API version: `v1`. */
  readonly version: string | undefined;
  /** Kubernetes kind, without the `Patch` of Pulumi's patch resources. Undefined when it is no Kubernetes object. */
  readonly kind: string | undefined;
  /** A `*Patch` resource: part of an object that exists already. Rules that ask for a field do not apply to it. */
  readonly isPatch: boolean;
  /** Only in stack rules, and only when it is part of the stack. */
  parent: Resource | undefined;
  /** URN of the parent, where the engine tells it. */
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

  /** All properties: inputs, or in a stack rule outputs. Read when a rule first asks for them. */
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

  /** The pods that it runs: see {@link Pod}. Empty for everything else. */
  get pods(): readonly Pod[] {
    return (this.podList ??= podsOf(this, this.input.podTemplates));
  }

  /** Whether it is one of these kinds; with `group/Kind` also of that group. */
  is(...kinds: string[]): boolean {
    return kinds.some((kind) => kind === this.kind || kind === `${this.group}/${this.kind}`);
  }

  /** Forgets which unknowns were looked at, and returns them: what the rule that ran in between could not determine. */
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
 * `kubernetes:apps/v1:Deployment` and its like, and the `kubernetes:<apiVersion>:<Kind>` of custom resources. Rules go by group and
 * kind: the same kind has several tokens, by API version and for patches.
 */
export function parseToken(type: string): Token | undefined {
  const [, group, version, kind] =
    /^kubernetes:(?:([a-z0-9.-]+)\/)?(v\d+(?:(?:alpha|beta)\d+)?):([A-Z]\w*)$/.exec(type) ?? [];
  if (version === undefined || kind === undefined) return undefined;
  // Pulumi shortens groups of Kubernetes itself: rbac.authorization.k8s.io/v1 is kubernetes:rbac.authorization.k8s.io/v1 in all releases.
  const isPatch = kind.endsWith("Patch") && kind !== "Patch";
  return {
    group: group === undefined || group === "core" ? "" : group,
    version,
    kind: isPatch ? kind.slice(0, -"Patch".length) : kind,
    isPatch,
  };
}

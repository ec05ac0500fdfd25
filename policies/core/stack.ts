import type { Pod } from "./pods";
import { Resource, type ResourceInput } from "./resource";
import type { Value } from "./value";

/** A resource of a stack as Pulumi passes it to a stack policy. */
export interface StackResourceInput extends ResourceInput {
  parent?: { urn: string };
  dependencies?: readonly { urn: string }[];
  propertyDependencies?: Readonly<Record<string, readonly { urn: string }[]>>;
}

/**
 * All resources of a stack with an index for all rules, so that a rule's cost depends only on its lookups.
 */
export class Stack {
  readonly resources: readonly Resource[];
  private readonly byUrn = new Map<string, Resource>();
  private readonly byKind = new Map<string, Resource[]>();
  private readonly byParent = new Map<string, Resource[]>();
  private readonly kept = new Map<string, unknown>();
  private podList: { pod: Pod; resource: Resource }[] | undefined;

  constructor(inputs: readonly StackResourceInput[]) {
    this.resources = inputs.map((input) => new Resource(input));
    for (const resource of this.resources) {
      this.byUrn.set(resource.urn, resource);
      if (resource.kind === undefined) continue;
      const list = this.byKind.get(resource.kind);
      if (list) list.push(resource);
      else this.byKind.set(resource.kind, [resource]);
    }
    inputs.forEach((input, index) => this.connect(input, this.resources[index]!));
  }

  private connect(input: StackResourceInput, resource: Resource): void {
    const find = (list: readonly { urn: string }[] = []) =>
      list.map(({ urn }) => this.byUrn.get(urn)).filter((found) => found !== undefined);
    resource.parent = this.byUrn.get(input.parent?.urn ?? resource.parentUrn ?? "");
    resource.dependencies = find(input.dependencies);
    resource.propertyDependencies = Object.fromEntries(
      Object.entries(input.propertyDependencies ?? {}).map(([key, list]) => [key, find(list)]),
    );
    if (!resource.parent) return;
    const siblings = this.byParent.get(resource.parent.urn);
    if (siblings) siblings.push(resource);
    else this.byParent.set(resource.parent.urn, [resource]);
  }

  find(urn: string): Resource | undefined {
    return this.byUrn.get(urn);
  }

  /** Objects of any of these kinds; `group/Kind` also compares the group. */
  kinds(...kinds: string[]): Resource[] {
    return kinds.flatMap((kind) => {
      const plain = kind.slice(kind.indexOf("/") + 1);
      return (this.byKind.get(plain) ?? []).filter((resource) => resource.is(kind));
    });
  }

  /**
   * Objects of a kind by name, in any namespace. Objects with an unknown name are not in the result, but
   * noted, because they may change it.
   */
  named(kind: string, name: string | undefined): readonly Resource[] {
    const index = this.once(`named ${kind}`, () =>
      groupBy(this.kinds(kind), ({ objectName }) => (objectName === undefined ? [] : [objectName])),
    );
    return name === undefined ? [] : (index.get(name) ?? []);
  }

  /**
   * Candidates of a kind that may select a pod by its labels; check them with `selects()` or
   * `selectsLabels()`. The index uses the rarest label of each object, so that a query for every pod of a
   * large stack stays fast.
   *
   * @param wanted the labels that an object requires. An object without this map is always in the result.
   */
  selecting(kind: string, wanted: (resource: Resource) => Value, labels: Value): readonly Resource[] {
    const { byLabel, others } = this.once(`selecting ${kind}`, () => this.selectors(kind, wanted));
    const own = labels.entries();
    if ([labels, ...own.map(([, value]) => value)].some((value) => value.isUnknown)) return this.kinds(kind);
    const pairs = own.map(([key, value]) => `${key}=${value.scalar()}`);
    return [...others, ...pairs.flatMap((pair) => byLabel.get(pair) ?? []).map(({ resource }) => resource)];
  }

  private selectors(kind: string, wanted: (resource: Resource) => Value) {
    const all = this.kinds(kind).map((resource) => {
      const entries = wanted(resource).entries();
      const isKnown = entries.length > 0 && !entries.some(([, value]) => value.isUnknown);
      return { resource, pairs: isKnown ? entries.map(([key, value]) => `${key}=${value.scalar()}`) : [] };
    });
    const counts = new Map<string, number>();
    for (const pair of all.flatMap(({ pairs }) => pairs)) counts.set(pair, (counts.get(pair) ?? 0) + 1);
    const found: { resource: Resource; rarest: string }[] = [];
    const others: Resource[] = [];
    for (const { resource, pairs } of all) {
      const [rarest] = [...pairs].sort((a, b) => counts.get(a)! - counts.get(b)!);
      if (rarest === undefined) others.push(resource);
      else found.push({ resource, rarest });
    }
    const byLabel = groupBy(found, ({ rarest }) => [rarest]);
    return { byLabel, others };
  }

  /**
   * Computes a value from the whole stack once for each rule, so that each rule notes its own unknown values.
   */
  once<T>(name: string, make: () => T): T {
    if (!this.kept.has(name)) this.kept.set(name, make());
    return this.kept.get(name) as T;
  }

  /** Called before each rule: forgets the values of the previous one. */
  forget(): void {
    this.kept.clear();
  }

  /** Resources of a type, such as `flink-kubernetes:index:FlinkCluster`. */
  ofType(type: string): Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  children(resource: Resource): readonly Resource[] {
    return this.byParent.get(resource.urn) ?? [];
  }

  /** Every pod template with what controls it. */
  get pods(): readonly { pod: Pod; resource: Resource }[] {
    return (this.podList ??= this.resources.flatMap((resource) =>
      resource.pods.map((pod) => ({ pod, resource })),
    ));
  }
}

/** Groups items by each of their keys. */
export function groupBy<T>(all: readonly T[], keysOf: (one: T) => readonly string[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    for (const key of keysOf(one)) {
      const group = groups.get(key);
      if (group) group.push(one);
      else groups.set(key, [one]);
    }
  }
  return groups;
}

/** Whether two objects are in one namespace: undefined while a namespace is unknown. */
export function sameNamespace(a: Resource, b: Resource): boolean | undefined {
  const [x, y] = [a.metadata.get("namespace"), b.metadata.get("namespace")];
  const unknown = [x.isUnknown, y.isUnknown];
  if (unknown.includes(true)) {
    const made = unknown.includes(false) ? undefined : namespaceOf(a);
    // Both take the name of one Namespace that the stack creates.
    return made !== undefined && made === namespaceOf(b) ? true : undefined;
  }
  return (x.text() ?? "default") === (y.text() ?? "default");
}

/** The only Namespace that the metadata of an object depends on. */
function namespaceOf({ propertyDependencies }: Resource): Resource | undefined {
  const found = (propertyDependencies.metadata ?? []).filter((one) => one.is("/Namespace"));
  return found.length === 1 ? found[0] : undefined;
}

/**
 * Whether a label selector (`matchLabels` and `matchExpressions`) selects these labels: undefined while
 * unknown. An empty selector selects everything.
 */
export function selects(selector: Value, labels: Value): boolean | undefined {
  const parts: (boolean | undefined)[] = [
    selectsLabels(selector.get("matchLabels"), labels),
    selector.isUnknown ? undefined : true,
  ];
  for (const expression of selector.get("matchExpressions").list()) {
    parts.push(expressionHolds(expression, labels));
  }
  return every(parts);
}

/**
 * The same for a plain map of labels, as in Services and ReplicationControllers. An empty map selects
 * everything.
 */
export function selectsLabels(wanted: Value, labels: Value): boolean | undefined {
  if (wanted.isUnknown) return undefined;
  return every(
    wanted.entries().map(([key, value]) => {
      const actual = labels.get(key);
      if ([value.isUnknown, actual.isUnknown].includes(true)) return undefined;
      return value.scalar() === actual.scalar();
    }),
  );
}

function expressionHolds(expression: Value, labels: Value): boolean | undefined {
  const key = expression.get("key").text();
  const operator = expression.get("operator").text();
  if (key === undefined || operator === undefined) return undefined;
  const actual = labels.get(key);
  if (actual.isUnknown) return undefined;
  const text = actual.text();
  switch (operator) {
    case "Exists":
      return text !== undefined;
    case "DoesNotExist":
      return text === undefined;
    case "In":
      return text === undefined ? false : expression.get("values").includes(text);
    case "NotIn": {
      if (text === undefined) return true;
      const found = expression.get("values").includes(text);
      return found === undefined ? undefined : !found;
    }
    default:
      return undefined;
  }
}

function every(parts: (boolean | undefined)[]): boolean | undefined {
  if (parts.includes(false)) return false;
  return parts.includes(undefined) ? undefined : true;
}

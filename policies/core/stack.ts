import type { Pod } from "./pods";
import { Resource, type ResourceInput } from "./resource";
import type { Value } from "./value";

/** A resource of a stack as Pulumi gives it to a stack policy. */
export interface StackResourceInput extends ResourceInput {
  parent?: { urn: string };
  dependencies?: readonly { urn: string }[];
  propertyDependencies?: Readonly<Record<string, readonly { urn: string }[]>>;
}

/** All resources of a stack, found by what they are: every rule asks the same index, so a rule costs what it looks at. */
export class Stack {
  readonly resources: readonly Resource[];
  private readonly byUrn = new Map<string, Resource>();
  private readonly byKind = new Map<string, Resource[]>();
  private readonly byParent = new Map<string, Resource[]>();
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

  /** Objects of any of these kinds; `group/Kind` also asks for the group. */
  kinds(...kinds: string[]): Resource[] {
    return kinds.flatMap((kind) => {
      const plain = kind.slice(kind.indexOf("/") + 1);
      return (this.byKind.get(plain) ?? []).filter((resource) => resource.is(kind));
    });
  }

  /** Resources of a type, such as `flink-kubernetes:index:FlinkCluster`. */
  ofType(type: string): Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  children(resource: Resource): readonly Resource[] {
    return this.byParent.get(resource.urn) ?? [];
  }

  /** The nearest resource of a type that this one was created in, by any number of steps. */
  ancestor(resource: Resource, type: string): Resource | undefined {
    let at = resource.parent;
    for (let steps = 0; at !== undefined && steps < 100; steps++) {
      if (at.type === type) return at;
      at = at.parent;
    }
    return undefined;
  }

  /** Every pod template with what controls it. */
  get pods(): readonly { pod: Pod; resource: Resource }[] {
    return (this.podList ??= this.resources.flatMap((resource) =>
      resource.pods.map((pod) => ({ pod, resource })),
    ));
  }
}

/** Whether two objects are in one namespace: undefined while one of the namespaces is unknown. */
export function sameNamespace(a: Resource, b: Resource): boolean | undefined {
  const [x, y] = [a.metadata.get("namespace"), b.metadata.get("namespace")];
  if ([x.isUnknown, y.isUnknown].includes(true)) return undefined;
  return (x.text() ?? "default") === (y.text() ?? "default");
}

/**
 * Whether a label selector (`matchLabels` and `matchExpressions`) selects these labels: undefined while something that it depends on is
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

/** The same for a plain map of labels, as Services and ReplicationControllers have. An empty map selects everything. */
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

import type { Controls } from "./frameworks";
import type { Saying } from "./message";
import type { Container, Pod } from "./pods";
import type { Reference } from "./reference";
import type { Resource } from "./resource";
import type { Stack } from "./stack";
import type { Value } from "./value";

/** The schema of one option for `@pulumi/policy`. */
export interface OptionSchema {
  type?: "string" | "number" | "integer" | "boolean" | "object" | "array";
  enum?: (string | number | boolean)[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  items?: OptionSchema;
  properties?: Record<string, OptionSchema>;
  additionalProperties?: boolean | OptionSchema;
  required?: string[];
  description?: string;
}

/** An option of a rule. */
export interface Option<T> {
  readonly default: T;
  /** Meaning, unit, and the effect of a change. */
  readonly about: string;
  readonly schema: OptionSchema;
  /** Users may also set it once for all rules that have it, in the pack's policy `settings`. */
  readonly shared: boolean;
}

export type Options = Readonly<Record<string, Option<unknown>>>;

/** The options for a rule, each with a value. */
export type ConfigOf<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

export function option<T>(value: T, about: string, schema: OptionSchema): Option<T> {
  return { default: value, about, schema, shared: false };
}

/**
 * An option that the pack's policy `settings` also accepts, for all rules. Pass the same object to each rule.
 */
export function sharedOption<T>(value: T, about: string, schema: OptionSchema): Option<T> {
  return { default: value, about, schema, shared: true };
}

export type Level = "mandatory" | "advisory" | "disabled";
export type Severity = "low" | "medium" | "high" | "critical";

/** Metadata of a rule, for the Pulumi policy and the page of documentation. */
export interface RuleInfo<O extends Options> {
  /** The policy's name. It never changes, because users' configuration contains it. Lower case and dashes. */
  readonly name: string;
  /** The demand, in one sentence. Shown above every message. */
  readonly description: string;
  /** The consequences of a violation, in a few sentences, for the page. */
  readonly why: string;
  readonly level: Level;
  readonly severity: Severity;
  readonly options?: O;
  /** The general instruction after a violation. A message has one for its place. */
  readonly remediation?: string;
  /** A public reference for the rule. */
  readonly reference?: Reference;
  /** Controls of compliance frameworks that it covers. */
  readonly controls?: Controls;
  /** Additional tags for choosing it, next to its subject and its frameworks. */
  readonly tags?: readonly string[];
}

/** The interface for a rule's findings. */
export interface Run<O extends Options = Options> {
  readonly config: ConfigOf<O>;
  /** Reports a problem at a place. The place knows its resource, also in stack rules. */
  violation(at: Value, saying: Saying): void;
}

/** The change that corrects a resource, if there is only one way. */
export interface Fix {
  at: Value;
  value: unknown;
}

/** A rule that checks one resource at a time. */
export interface ResourceRule<O extends Options = Options> extends RuleInfo<O> {
  readonly kind: "resource";
  /** Whether it applies to a resource. Other resources count as "not applicable", not as passed. */
  applies(resource: Resource): boolean;
  check(resource: Resource, run: Run<O>): void;
  /** Changes after which the resource passes. Only used with the policy's level `remediate`. */
  fixes?(resource: Resource, config: ConfigOf<O>): Fix[];
}

/** A rule that needs several resources to decide. */
export interface StackRule<O extends Options = Options> extends RuleInfo<O> {
  readonly kind: "stack";
  /** Whether it applies to anything in the stack. */
  applies(stack: Stack): boolean;
  check(stack: Stack, run: Run<O>): void;
}

export type Rule = ResourceRule | StackRule;

// TypeScript cannot know that each rule only gets its own configuration.
function erased(rule: unknown): Rule {
  return rule as Rule;
}

export function resourceRule<const O extends Options>(rule: Omit<ResourceRule<O>, "kind">): ResourceRule {
  return erased({ ...rule, kind: "resource" }) as ResourceRule;
}

export function stackRule<const O extends Options>(rule: Omit<StackRule<O>, "kind">): StackRule {
  return erased({ ...rule, kind: "stack" }) as StackRule;
}

/** A rule for every pod, of any workload. */
export function podRule<const O extends Options>(
  rule: Omit<ResourceRule<O>, "kind" | "applies" | "check" | "fixes"> & {
    check(pod: Pod, run: Run<O>, resource: Resource): void;
    fixes?(pod: Pod, config: ConfigOf<O>): Fix[];
  },
): ResourceRule {
  const { check, fixes, ...info } = rule;
  return resourceRule<O>({
    ...info,
    applies: (resource) => resource.pods.length > 0,
    check: (resource, run) => resource.pods.forEach((pod) => check(pod, run, resource)),
    // The pods of a Flink custom resource are merged, so a place in them is not a place in the resource.
    ...(fixes
      ? {
          fixes: (resource, config) =>
            resource.pods.filter(({ role }) => role === undefined).flatMap((pod) => fixes(pod, config)),
        }
      : {}),
  });
}

/** A rule for every container of every pod: init, main and ephemeral containers. */
export function containerRule<const O extends Options>(
  rule: Omit<ResourceRule<O>, "kind" | "applies" | "check" | "fixes"> & {
    check(container: Container, run: Run<O>, pod: Pod, resource: Resource): void;
    fixes?(container: Container, config: ConfigOf<O>): Fix[];
  },
): ResourceRule {
  const { check, fixes, ...info } = rule;
  return podRule<O>({
    ...info,
    check: (pod, run, resource) => pod.containers.forEach((c) => check(c, run, pod, resource)),
    ...(fixes ? { fixes: (pod, config) => pod.containers.flatMap((c) => fixes(c, config)) } : {}),
  });
}

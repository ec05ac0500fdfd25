import type { Controls } from "./frameworks";
import type { Saying } from "./message";
import type { Container, Pod } from "./pods";
import type { Reference } from "./reference";
import type { Resource } from "./resource";
import type { Stack } from "./stack";
import type { Value } from "./value";

/** What `@pulumi/policy` takes as the schema of one option. */
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

/** Something that a user of the pack can set for a rule. */
export interface Option<T> {
  readonly default: T;
  /** Meaning, unit, and what changing it does. */
  readonly about: string;
  readonly schema: OptionSchema;
  /** May also be given once for all the rules that have it, at the policy `settings` of the pack. */
  readonly shared: boolean;
}

export type Options = Readonly<Record<string, Option<unknown>>>;

/** What a rule gets to see of its options: every one with a value. */
export type ConfigOf<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

export function option<T>(value: T, about: string, schema: OptionSchema): Option<T> {
  return { default: value, about, schema, shared: false };
}

/** An option that the pack's policy `settings` also takes, for all rules at once. Give the same object to each of these rules. */
export function sharedOption<T>(value: T, about: string, schema: OptionSchema): Option<T> {
  return { default: value, about, schema, shared: true };
}

export type Level = "mandatory" | "advisory" | "disabled";
export type Severity = "low" | "medium" | "high" | "critical";

/** What every rule says of itself: the policy that Pulumi shows and the page of documentation are made of it. */
export interface RuleInfo<O extends Options> {
  /** The policy's name, for ever: it is in users' configuration. Lower case and dashes. */
  readonly name: string;
  /** What is demanded, in one sentence: shown above every message. */
  readonly description: string;
  /** What goes wrong otherwise, in a few sentences: for the page. */
  readonly why: string;
  readonly level: Level;
  readonly severity: Severity;
  readonly options?: O;
  /** What to do where it is violated, as an order: in general, where a message says it of its place. */
  readonly remediation?: string;
  /** A public text that the rule follows. */
  readonly reference?: Reference;
  /** Controls of compliance frameworks that it answers to. */
  readonly controls?: Controls;
  /** Words to choose it by, beside its subject and its frameworks. */
  readonly tags?: readonly string[];
}

/** What a rule does with what it finds. */
export interface Run<O extends Options = Options> {
  readonly config: ConfigOf<O>;
  /** Something is wrong at a place. The place tells the resource, also in stack rules. */
  violation(at: Value, saying: Saying): void;
}

/** One change that makes a resource right, where there is only one way to. */
export interface Fix {
  at: Value;
  value: unknown;
}

/** A rule that looks at one resource at a time. */
export interface ResourceRule<O extends Options = Options> extends RuleInfo<O> {
  readonly kind: "resource";
  /** Which resources it is about. The others count as "not applicable", not as passed. */
  applies(resource: Resource): boolean;
  check(resource: Resource, run: Run<O>): void;
  /** Changes that would make the resource pass. Only used when somebody sets the policy's level to `remediate`. */
  fixes?(resource: Resource, config: ConfigOf<O>): Fix[];
}

/** A rule that needs several resources to decide. */
export interface StackRule<O extends Options = Options> extends RuleInfo<O> {
  readonly kind: "stack";
  /** Whether there is anything in the stack that it is about. */
  applies(stack: Stack): boolean;
  check(stack: Stack, run: Run<O>): void;
}

export type Rule = ResourceRule | StackRule;

// A rule with options of its own is a rule; TypeScript cannot know that each only ever gets its own configuration.
function erased(rule: unknown): Rule {
  return rule as Rule;
}

export function resourceRule<const O extends Options>(rule: Omit<ResourceRule<O>, "kind">): ResourceRule {
  return erased({ ...rule, kind: "resource" }) as ResourceRule;
}

export function stackRule<const O extends Options>(rule: Omit<StackRule<O>, "kind">): StackRule {
  return erased({ ...rule, kind: "stack" }) as StackRule;
}

/** A rule about every pod, whatever runs it. */
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
    // The pods of a Flink custom resource are merged: a place in them is no place in the resource.
    ...(fixes
      ? {
          fixes: (resource, config) =>
            resource.pods.filter(({ role }) => role === undefined).flatMap((pod) => fixes(pod, config)),
        }
      : {}),
  });
}

/** A rule about every container of every pod: init, main and ephemeral ones. */
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

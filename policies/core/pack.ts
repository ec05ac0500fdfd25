import {
  type PolicyConfigSchema,
  type PolicyPackArgs,
  type ReportViolation,
  type ResourceValidationArgs,
  type ResourceValidationPolicy,
  type StackValidationArgs,
  type StackValidationPolicy,
  UnknownValueError,
} from "@pulumi/policy";
import { type Given, type Outcome, configOf, evaluateResource, evaluateStack } from "./evaluate";
import { exemptionAt, exemptionsFor, ExemptionUse, type Verdict } from "./exemptions";
import { describeViolation } from "./message";
import { commonOptions, EXEMPTIONS, refuseUnknownOptions, SETTINGS, sharedOptions } from "./options";
import type { PodTemplates } from "./pods";
import { Resource } from "./resource";
import { type Fix, type Options, type ResourceRule, type Rule, type StackRule } from "./rule";
import { Stack, type StackResourceInput } from "./stack";
import { UNKNOWN } from "./unknown";
import type { Key } from "./value";

export interface PackDefinition {
  /** Name for the policy pack. */
  name: string;
  displayName: string;
  description: string;
  rules: readonly Rule[];
  /** Where the page of a rule is, for messages: a path or address that begins with this and ends with `<rule>.md`. */
  pages: string;
}

/**
 * A policy pack of rules: pass the result to `new PolicyPack(name, …)`. Beside one policy for each rule there are `settings`, whose
 * configuration holds what is common to all, and `exemptions`, which tells what is exempted and which exemptions have expired.
 */
export function packArgs(definition: PackDefinition): PolicyPackArgs {
  const pack = new Pack(definition);
  return {
    displayName: definition.displayName,
    description: definition.description,
    enforcementLevel: "advisory",
    policies: [
      pack.settingsPolicy(),
      ...definition.rules.map((rule) =>
        rule.kind === "resource" ? pack.resourcePolicy(rule) : pack.stackPolicy(rule),
      ),
      pack.exemptionsPolicy(),
    ],
  };
}

// The SDK exports the class, but leaves it out of its types.
const UnknownError = UnknownValueError as unknown as new (sentinel: string, path: string[]) => Error;

/** Thrown at the end of a policy: the SDK makes an advisory of it, next to the violations reported before. */
class Undetermined extends UnknownError {
  constructor(text: string) {
    super(UNKNOWN, []);
    this.message = text;
  }
}

/** Key of what is told at the end of a request about the whole stack; other requests go by the resource's URN. */
const WHOLE_STACK = "";

class Pack {
  private settings: Given = {};
  /** What the policy `exemptions` has to tell when it comes, last. */
  private readonly told = new Map<string, { urn: string; text: string }[]>();
  private readonly use = new ExemptionUse();
  /** Whether single resources were asked about: else nothing can be said of what is used. */
  private hasSeenResources = false;
  /**
   * Every policy of a request gets its own copy of the same resources. One view of them serves all; it lives until the request's
   * handler has run, which never waits for anything.
   */
  private readonly resources = new Map<string, Resource>();
  private stack: Stack | undefined;
  private isClearing = false;

  constructor(private readonly definition: PackDefinition) {}

  settingsPolicy(): ResourceValidationPolicy & StackValidationPolicy {
    const shared = sharedOptions(this.definition.rules);
    const read = (args: { getConfig<T extends object>(): T }) => {
      this.settings = args.getConfig<Given>();
      refuseUnknownOptions(SETTINGS, this.settings, shared);
      this.use.read(undefined, this.settings);
    };
    return {
      name: SETTINGS,
      displayName: "Settings",
      description: "Holds the configuration that the rules of this pack share; it never finds anything.",
      enforcementLevel: "advisory",
      configSchema: schemaOf(shared, true),
      validateResource: read,
      // Both kinds in one: a request for a stack may come to a process that has seen no resource.
      validateStack: read,
    };
  }

  exemptionsPolicy(): ResourceValidationPolicy & StackValidationPolicy {
    const tell = (request: string, report: ReportViolation) => {
      for (const { urn, text } of this.told.get(request) ?? []) report(text, urn);
      this.told.delete(request);
    };
    return {
      name: EXEMPTIONS,
      displayName: "Exemptions",
      description: "Tells what is exempted from rules, and which exemptions have expired or are not valid.",
      enforcementLevel: "advisory",
      validateResource: (args, report) => tell(args.urn, report),
      validateStack: (_args, report) => {
        const names = this.definition.rules.map(({ name }) => name);
        if (this.hasSeenResources) this.use.complaints(names).forEach((text) => report(text));
        tell(WHOLE_STACK, report);
      },
    };
  }

  resourcePolicy(rule: ResourceRule): ResourceValidationPolicy {
    return {
      ...policyInfo(rule, this.definition),
      validateResource: (args, report) => {
        const outcome = evaluateResource(rule, this.resourceOf(args), this.circumstances(rule, args));
        if (outcome) this.report(rule, outcome, report, args.getConfig<Given>(), args.urn);
        else args.notApplicable("The rule is not about this kind of resource.");
      },
      ...(rule.fixes ? { remediateResource: (args) => this.remediate(rule, args) } : {}),
    };
  }

  stackPolicy(rule: StackRule): StackValidationPolicy {
    return {
      ...policyInfo(rule, this.definition),
      validateStack: (args, report) => {
        const outcome = evaluateStack(rule, this.stackOf(args), this.circumstances(rule, args));
        if (outcome) this.report(rule, outcome, report, args.getConfig<Given>(), WHOLE_STACK);
        else args.notApplicable("The stack has nothing that the rule is about.");
      },
    };
  }

  private circumstances(
    rule: Rule,
    args: { getConfig<T extends object>(): T },
  ): { own: Given; settings: Given } {
    const own = args.getConfig<Given>();
    refuseUnknownOptions(rule.name, own, { ...rule.options, ...commonOptions });
    this.use.read(rule.name, own);
    this.hasSeenResources ||= rule.kind === "resource";
    return { own, settings: this.settings };
  }

  private report(rule: Rule, outcome: Outcome, report: ReportViolation, own: Given, request: string): void {
    const link = `${this.definition.pages}${rule.name}.md`;
    for (const violation of outcome.violations) report(describeViolation(violation, link), violation.urn);
    this.tell(rule, outcome, request);
    if (outcome.error) {
      throw new Undetermined(
        `the rule itself failed, and may have missed something: ${outcome.error.message}`,
      );
    }
    if (outcome.undetermined.length === 0) return;
    const { onUnknown } = configOf(commonOptions, { own, settings: this.settings });
    const places = outcome.undetermined.map(({ path }) => path);
    const text = `not known before the update: ${summary(places)}`;
    if (onUnknown === "fail") report(`${text}. (${link})`, outcome.undetermined[0]!.urn);
    else if (onUnknown !== "ignore") throw new Undetermined(text);
  }

  private tell(rule: Rule, { exempted, exemptionProblems }: Outcome, request: string): void {
    for (const { exemption } of [...exempted, ...exemptionProblems]) this.use.note(rule.name, exemption);
    const lines = exempted.map(({ violation, exemption }) => ({
      urn: violation.urn,
      text: `${rule.name}: ${violation.path} ${describeVerdict(exemption)}`,
    }));
    lines.push(
      ...exemptionProblems.map(({ urn, exemption }) => ({
        urn,
        text: `${rule.name}: ${describeVerdict(exemption)}`,
      })),
    );
    if (lines.length > 0) this.told.set(request, [...(this.told.get(request) ?? []), ...lines]);
  }

  /** The properties as they must be, or undefined when nothing is to be changed. */
  private remediate(rule: ResourceRule, args: ResourceValidationArgs): Record<string, unknown> | undefined {
    const resource = new Resource({ ...args, podTemplates: this.podTemplates });
    if (!rule.applies(resource)) return undefined;
    const { own, settings } = this.circumstances(rule, args);
    const today = new Date().toISOString().slice(0, 10);
    const verdicts = exemptionsFor(rule.name, resource, { own, settings }, today);
    const fixes = rule.fixes!(resource, configOf(rule.options, { own, settings })).filter(
      ({ at }) => exemptionAt(verdicts, resource, at.path) === undefined,
    );
    const done = fixes.filter((fix) => applyFix(args.props, fix));
    return done.length > 0 ? args.props : undefined;
  }

  private get podTemplates(): PodTemplates | undefined {
    return this.settings.podTemplates as PodTemplates | undefined;
  }

  private resourceOf(args: ResourceValidationArgs): Resource {
    let resource = this.resources.get(args.urn);
    if (!resource) {
      resource = new Resource({ ...args, props: withoutProxy(args.props), podTemplates: this.podTemplates });
      this.resources.set(args.urn, resource);
      this.clearLater();
    }
    return resource;
  }

  private stackOf(args: StackValidationArgs): Stack {
    if (!this.stack) {
      const inputs = args.resources.map((resource): StackResourceInput => ({
        ...resource,
        props: withoutProxy(resource.props),
        podTemplates: this.podTemplates,
      }));
      this.stack = new Stack(inputs);
      this.clearLater();
    }
    return this.stack;
  }

  private clearLater(): void {
    if (this.isClearing) return;
    this.isClearing = true;
    setImmediate(() => {
      this.isClearing = false;
      this.resources.clear();
      this.stack = undefined;
    });
  }
}

/**
 * The SDK's proxy hands out what it wraps under this name. Values guard against unknowns themselves, and reading without the proxy is
 * several times faster; where a later SDK no longer does this, they read through the proxy.
 */
function withoutProxy(props: Record<string, unknown>): object {
  return (props.__getSpecialProxyTarget as object | undefined) ?? props;
}

function applyFix(props: Record<string, unknown>, { at, value }: Fix): boolean {
  let inside: Record<Key, unknown> = props;
  try {
    for (const key of at.keys.slice(0, -1)) {
      if (inside[key] === undefined || inside[key] === null) inside[key] = {};
      inside = inside[key] as Record<Key, unknown>;
    }
    inside[at.keys.at(-1)!] = value;
    return true;
  } catch (error) {
    // On the way there is an unknown: validation will say so.
    if (error instanceof UnknownValueError) return false;
    throw error;
  }
}

function describeVerdict(verdict: Verdict): string {
  switch (verdict.state) {
    case "in force":
      return `is exempted until ${verdict.expires}${soon(verdict.daysLeft)} (${verdict.from}): ${verdict.reason}`;
    case "expired":
      return `the exemption expired on ${verdict.expires} (${verdict.from}): ${verdict.reason}`;
    case "invalid":
      return `an exemption has no effect, since ${verdict.problem} (${verdict.from})`;
  }
}

/** From which day on an exemption is said to end soon. */
const SOON = 30;

function soon(daysLeft: number): string {
  if (daysLeft > SOON) return "";
  return daysLeft === 0 ? ", which is today" : `, which is in ${daysLeft} day${daysLeft === 1 ? "" : "s"}`;
}

function summary(places: string[]): string {
  const shown = places.slice(0, 3).join(", ");
  return places.length > 3 ? `${shown} and ${places.length - 3} more` : shown;
}

function policyInfo(rule: Rule, { pages }: PackDefinition) {
  return {
    name: rule.name,
    displayName: rule.name,
    description: rule.description,
    enforcementLevel: rule.level,
    severity: rule.severity,
    remediationSteps: `See ${pages}${rule.name}.md`,
    ...(rule.reference ? { url: rule.reference.url } : {}),
    configSchema: schemaOf({ ...rule.options, ...commonOptions }, false),
  };
}

/** Shared options have their default at `settings` only: the engine fills defaults in, and then nobody could tell them from what was given. */
function schemaOf(options: Options, isSettings: boolean): PolicyConfigSchema {
  const properties = Object.entries(options).map(([name, { schema, about, shared, default: value }]) => {
    const hasDefault = value !== undefined && (isSettings || !shared);
    const described = { ...schema, description: about };
    return [name, hasDefault ? { ...described, default: value } : described] as const;
  });
  return { properties: Object.fromEntries(properties) } as PolicyConfigSchema;
}

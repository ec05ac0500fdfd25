import {
  type PolicyComplianceFramework,
  type PolicyConfigSchema,
  type PolicyPackArgs,
  type ReportViolation,
  type ResourceValidationArgs,
  type ResourceValidationPolicy,
  type StackValidationArgs,
  type StackValidationPolicy,
  UnknownValueError,
} from "@pulumi/policy";
import { EXEMPTIONS_ABOUT, type PackDefinition } from "./analyzer";
import { tagsOf } from "./choice";
import { type Given, type Outcome, configOf, evaluateResource, evaluateStack } from "./evaluate";
import { exemptionAt, exemptionsFor, ExemptionUse } from "./exemptions";
import { controlsOf } from "./frameworks";
import { EXEMPTIONS, policyOptions, refuseUnknownOptions, SETTINGS } from "./options";
import type { PodTemplates } from "./pods";
import { Resource } from "./resource";
import { type Fix, type Options, type ResourceRule, type Rule, type StackRule } from "./rule";
import { Stack, type StackResourceInput } from "./stack";
import { type Line, tellingOf } from "./telling";
import { UNKNOWN } from "./unknown";
import type { Key } from "./value";

/**
 * A policy pack of rules: pass the result to `new PolicyPack(name, …)`. Beside one policy for each rule there are `settings`, whose
 * configuration holds what is common to all, and `exemptions`, which tells what is exempted and which exemptions have expired.
 *
 * @param settings the configuration of `settings`, from who knows it. Default: as the last request told it to that policy.
 */
export function packArgs(definition: PackDefinition, settings?: () => Given): PolicyPackArgs {
  const pack = new Pack(definition, settings);
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

/** Why a rule says nothing, by its kind. */
export const NOT_APPLICABLE = {
  resource: "The rule is not about this kind of resource.",
  stack: "The stack has nothing that the rule is about.",
} as const;

/** Key of what is told at the end of a request about the whole stack; other requests go by the resource's URN. */
const WHOLE_STACK = "";

class Pack {
  private lastSettings: Given = {};
  /** What the policy `exemptions` has to tell when it comes, last. */
  private readonly told = new Map<string, Line[]>();
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
  private readonly options;

  constructor(
    private readonly definition: PackDefinition,
    private readonly givenSettings: (() => Given) | undefined,
  ) {
    this.options = policyOptions(definition.rules);
  }

  private get settings(): Given {
    return this.givenSettings?.() ?? this.lastSettings;
  }

  settingsPolicy(): ResourceValidationPolicy & StackValidationPolicy {
    const shared = this.options.get(SETTINGS)!;
    const read = (args: { getConfig<T extends object>(): T }) => {
      this.lastSettings = args.getConfig<Given>();
      refuseUnknownOptions(SETTINGS, this.lastSettings, shared);
      this.use.read(undefined, this.lastSettings);
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
      description: EXEMPTIONS_ABOUT,
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
      ...policyInfo(rule, this.definition, this.options.get(rule.name)!),
      validateResource: (args, report) => {
        const outcome = evaluateResource(rule, this.resourceOf(args), this.circumstances(rule, args));
        if (outcome) this.report(rule, outcome, report, args.getConfig<Given>(), args.urn);
        else args.notApplicable(NOT_APPLICABLE.resource);
      },
      ...(rule.fixes ? { remediateResource: (args) => this.remediate(rule, args) } : {}),
    };
  }

  stackPolicy(rule: StackRule): StackValidationPolicy {
    return {
      ...policyInfo(rule, this.definition, this.options.get(rule.name)!),
      validateStack: (args, report) => {
        const outcome = evaluateStack(rule, this.stackOf(args), this.circumstances(rule, args));
        if (outcome) this.report(rule, outcome, report, args.getConfig<Given>(), WHOLE_STACK);
        else args.notApplicable(NOT_APPLICABLE.stack);
      },
    };
  }

  private circumstances(
    rule: Rule,
    args: { getConfig<T extends object>(): T },
  ): { own: Given; settings: Given } {
    const own = args.getConfig<Given>();
    refuseUnknownOptions(rule.name, own, this.options.get(rule.name)!);
    this.use.read(rule.name, own);
    this.hasSeenResources ||= rule.kind === "resource";
    return { own, settings: this.settings };
  }

  private report(rule: Rule, outcome: Outcome, report: ReportViolation, own: Given, request: string): void {
    const link = `${this.definition.pages}${rule.name}.md`;
    this.use.note(rule.name, outcome);
    const telling = tellingOf(rule, outcome, { own, settings: this.settings }, link);
    for (const { text, urn } of telling.violations) report(text, urn);
    if (telling.exemptions.length > 0)
      this.told.set(request, [...(this.told.get(request) ?? []), ...telling.exemptions]);
    if (telling.undetermined !== undefined) throw new Undetermined(telling.undetermined);
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

function policyInfo(rule: Rule, definition: PackDefinition, options: Options) {
  const { remediation, reference } = rule;
  const page = `${definition.pages}${rule.name}.md`;
  const framework = frameworkOf(rule);
  return {
    name: rule.name,
    displayName: rule.name,
    description: rule.description,
    enforcementLevel: rule.level,
    severity: rule.severity,
    tags: tagsOf(rule, definition),
    ...(framework ? { framework } : {}),
    remediationSteps: remediation === undefined ? `See ${page}` : `${remediation} (${page})`,
    ...(reference ? { url: reference.url } : {}),
    configSchema: schemaOf(options, false),
  };
}

/** Pulumi has one framework a policy: the first, with all of its controls. The others are among the tags. */
function frameworkOf({ controls }: Rule): PolicyComplianceFramework | undefined {
  const all = controlsOf(controls);
  const own = all.filter(({ framework }) => framework === all[0]?.framework);
  if (own.length === 0) return undefined;
  const { name, version } = own[0]!.about;
  const [reference, specification] = [own.map(({ id }) => id), own.map(({ title }) => title)];
  return { name, version, reference: reference.join(", "), specification: specification.join("; ") };
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

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
 * A policy pack of rules: pass the result to `new PolicyPack(name, …)`. It has one policy for each rule, the
 * policy `settings` for the configuration of all rules, and the policy `exemptions`, which reports exempted
 * findings and expired exemptions.
 *
 * @param settings the configuration of `settings`. Default: the configuration in the last request to that
 * policy.
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

/** Thrown at the end of a policy: the SDK turns it into an advisory, next to the reported violations. */
class Undetermined extends UnknownError {
  constructor(text: string) {
    super(UNKNOWN, []);
    this.message = text;
  }
}

/** Why a rule does not apply, by its kind. */
export const NOT_APPLICABLE = {
  resource: "The rule does not apply to this kind of resource.",
  stack: "The rule does not apply to any resource of the stack.",
} as const;

/** Key for requests about the whole stack; other requests use the resource's URN. */
const WHOLE_STACK = "";

class Pack {
  private lastSettings: Given = {};
  /** Messages for the policy `exemptions`, which runs last. */
  private readonly told = new Map<string, Line[]>();
  private readonly use = new ExemptionUse();
  /** Whether single resources were checked: otherwise the use of exemptions is unknown. */
  private hasSeenResources = false;
  /**
   * Every policy of a request gets its own copy of the same resources. All share one view of them, which
   * lives until the synchronous handler of the request has run.
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
      description: "The shared configuration of this pack's rules. It never reports findings.",
      enforcementLevel: "advisory",
      configSchema: schemaOf(shared, true),
      validateResource: read,
      // Both kinds in one: a process may get a request for a stack without any request for a resource.
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

  /** The corrected properties, or undefined without a change. */
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
 * Under this name the SDK's proxy returns the wrapped object. Values handle unknowns themselves, and reading
 * without the proxy is several times faster. If a later SDK removes the name, they read through the proxy.
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
    // The path leads through an unknown value, which validation reports.
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

/**
 * Pulumi allows one framework for each policy: the first, with all its controls. The tags contain the others.
 */
function frameworkOf({ controls }: Rule): PolicyComplianceFramework | undefined {
  const all = controlsOf(controls);
  const own = all.filter(({ framework }) => framework === all[0]?.framework);
  if (own.length === 0) return undefined;
  const { name, version } = own[0]!.about;
  const [reference, specification] = [own.map(({ id }) => id), own.map(({ title }) => title)];
  return { name, version, reference: reference.join(", "), specification: specification.join("; ") };
}

/**
 * Only `settings` has defaults of shared options: the engine fills defaults in, which would hide missing
 * values.
 */
function schemaOf(options: Options, isSettings: boolean): PolicyConfigSchema {
  const properties = Object.entries(options).map(([name, { schema, about, shared, default: value }]) => {
    const hasDefault = value !== undefined && (isSettings || !shared);
    const described = { ...schema, description: about };
    return [name, hasDefault ? { ...described, default: value } : described] as const;
  });
  return { properties: Object.fromEntries(properties) } as PolicyConfigSchema;
}

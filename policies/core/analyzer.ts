import { type Circumstances, evaluateResource, evaluateStack, type Given, type Outcome } from "./evaluate";
import { ExemptionUse } from "./exemptions";
import type { Violation } from "./message";
import { EXEMPTIONS, policyOptions, refuseUnknownOptions, SETTINGS } from "./options";
import type { PodTemplates } from "./pods";
import { Resource, type ResourceInput } from "./resource";
import type { Level, Rule, Severity } from "./rule";
import { Stack, type StackResourceInput } from "./stack";
import { type Line, tellingOf } from "./telling";

export interface PackDefinition {
  /** Name for the policy pack. */
  name: string;
  displayName: string;
  description: string;
  rules: readonly Rule[];
  /** The same rules by subject. A subject is a tag of its rules. */
  subjects?: Readonly<Record<string, readonly Rule[]>>;
  /** Location of the rules' pages, for messages: a path or address to which `<rule>.md` is added. */
  pages: string;
}

/** A user's configuration of a policy. */
export interface PolicySettings {
  /** Default: the level of the rule. */
  level?: Level | "remediate";
  options: Given;
}

/** Configuration by policy. */
export type PolicyConfig = Readonly<Record<string, PolicySettings>>;

/** A message of a pack. */
export interface Finding extends Line {
  /** A rule's name, or `exemptions`. */
  policy: string;
  level: "mandatory" | "advisory";
  severity: Severity | undefined;
  description: string;
  /** The rule could not decide: a value is known only during the update, or the rule failed. */
  isUndetermined: boolean;
  /** The parts of the finding; undefined for an unknown value or an exemption. */
  violation: Violation | undefined;
}

export interface Analysis {
  findings: Finding[];
  /** Rules that do not apply to it. */
  notApplicable: Rule[];
}

/** Description of the policy `exemptions`, above its messages. */
export const EXEMPTIONS_ABOUT =
  "Reports findings that are exempted, and exemptions that have expired or are not valid.";

/**
 * Runs all rules of a pack on one resource, or on a stack, with its configuration. It is independent of any
 * protocol: `./serve` calls it for the engine, and a command may call it directly. It reads a resource once
 * for all rules, and not at all if no rule applies.
 */
export class Analyzer {
  private config: PolicyConfig = {};
  private use = new ExemptionUse();
  /** Whether single resources were checked: otherwise the use of exemptions is unknown. */
  private hasSeenResources = false;
  private readonly resourceRules;
  private readonly stackRules;
  private readonly options;

  constructor(readonly definition: PackDefinition) {
    this.resourceRules = definition.rules.filter((rule) => rule.kind === "resource");
    this.stackRules = definition.rules.filter((rule) => rule.kind === "stack");
    this.options = policyOptions(definition.rules);
  }

  /** Replaces the previous configuration. */
  configure(config: PolicyConfig): void {
    this.config = config;
    this.use = new ExemptionUse();
    this.use.read(undefined, this.settings);
    for (const { name } of this.definition.rules) this.use.read(name, this.optionsOf(name));
  }

  /** Settings of all rules. */
  get settings(): Given {
    return this.optionsOf(SETTINGS);
  }

  /** Whether a rule has the level `remediate`. */
  get canRemediate(): boolean {
    return this.resourceRules.some(({ name }) => this.config[name]?.level === "remediate");
  }

  analyze(input: ResourceInput): Analysis {
    const resource = new Resource(this.withPodTemplates(input));
    this.hasSeenResources = true;
    return this.analysis(this.resourceRules, (rule, given) => evaluateResource(rule, resource, given));
  }

  analyzeStack(inputs: readonly StackResourceInput[]): Analysis {
    const stack = new Stack(inputs.map((input) => this.withPodTemplates(input)));
    return this.analysis(
      this.stackRules,
      (rule, given) => evaluateStack(rule, stack, given),
      () => (this.hasSeenResources ? this.use.complaints(this.definition.rules.map(({ name }) => name)) : []),
    );
  }

  /** A copy would read the properties. */
  private withPodTemplates<Input extends ResourceInput>(input: Input): Input {
    const { podTemplates } = this.settings;
    return podTemplates === undefined
      ? input
      : Object.assign(input, { podTemplates: podTemplates as PodTemplates });
  }

  private analysis<R extends Rule>(
    rules: readonly R[],
    evaluate: (rule: R, given: Circumstances) => Outcome | undefined,
    complaints: () => string[] = () => [],
  ): Analysis {
    const analysis: Analysis = { findings: [], notApplicable: [] };
    const exemptions: Line[] = [];
    const { settings } = this;
    refuseUnknownOptions(SETTINGS, settings, this.options.get(SETTINGS)!);
    for (const rule of rules) {
      const level = this.levelOf(rule.name, rule.level);
      if (level === "disabled") continue;
      const given = { own: this.optionsOf(rule.name), settings };
      refuseUnknownOptions(rule.name, given.own, this.options.get(rule.name)!);
      const outcome = evaluate(rule, given);
      if (!outcome) {
        analysis.notApplicable.push(rule);
        continue;
      }
      this.use.note(rule.name, outcome);
      const telling = tellingOf(rule, outcome, given, `${this.definition.pages}${rule.name}.md`);
      const about = { policy: rule.name, severity: rule.severity, description: rule.description };
      for (const { urn, text, violation } of telling.violations)
        analysis.findings.push({ ...about, level, urn, text, violation, isUndetermined: false });
      if (telling.undetermined !== undefined) {
        const text = telling.undetermined;
        const urn = outcome.undetermined[0]?.urn;
        const level = "advisory";
        analysis.findings.push({ ...about, level, urn, text, violation: undefined, isUndetermined: true });
      }
      exemptions.push(...telling.exemptions);
    }
    const level = this.levelOf(EXEMPTIONS, "advisory");
    const about = { policy: EXEMPTIONS, severity: undefined, description: EXEMPTIONS_ABOUT };
    if (level !== "disabled") {
      const lines = [...complaints().map((text) => ({ urn: undefined, text })), ...exemptions];
      for (const line of lines)
        analysis.findings.push({ ...about, level, ...line, violation: undefined, isUndetermined: false });
    }
    return analysis;
  }

  /** The level of a finding. With `remediate`, a finding that remains is mandatory, as in Pulumi. */
  private levelOf(policy: string, given: Level): Level {
    const level = this.config[policy]?.level ?? given;
    return level === "remediate" ? "mandatory" : level;
  }

  private optionsOf(policy: string): Given {
    return this.config[policy]?.options ?? {};
  }
}

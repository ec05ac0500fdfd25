import type { PackDefinition } from "../core/analyzer";
import { tagsOf } from "../core/choice";
import type { Rule } from "../core/rule";

/** Metadata of a pack for reports. */
export interface PackAbout {
  name: string;
  displayName: string;
  rules: readonly RuleAbout[];
}

export interface RuleAbout {
  name: string;
  description: string;
  why?: string;
  /** Its default. */
  level: string;
  severity?: string;
  /** The instruction after a violation. */
  remediation?: string;
  tags?: readonly string[];
  /** The full address of its page. */
  page?: string;
}

/** A finding in a report. */
export interface Reported {
  /** Name of the pack. */
  pack: string;
  /** Name of the rule, or `exemptions`. */
  rule: string;
  level: "mandatory" | "advisory";
  /** `low`, `medium`, `high` or `critical`; undefined if not set. */
  severity: string | undefined;
  /** The object: `Deployment shop/web`. */
  object: string;
  /** The place in it, such as `spec.hostNetwork`; undefined for the whole object. */
  path: string | undefined;
  /** The problem in one line, with the instruction and the page of the rule. */
  message: string;
  /** Relative to the folder where the command runs, with `/`; undefined without files. */
  file: string | undefined;
  /** Both begin with 1. */
  line: number | undefined;
  column: number | undefined;
}

/** The objects and findings of a command. */
export interface Report {
  packs: readonly PackAbout[];
  findings: readonly Reported[];
  /** Every checked object: `Deployment shop/web`. */
  objects: readonly string[];
  /** Findings in the baseline, which are not in `findings`. */
  known: number;
  /** Whether a finding makes the command fail. */
  fails(finding: Reported): boolean;
}

/** A report in one of the formats, as text. */
export type Format = (report: Report) => string;

/** A pack's metadata for reports. */
export function aboutPack(definition: PackDefinition): PackAbout {
  const { name, displayName, rules } = definition;
  return { name, displayName, rules: rules.map((rule) => aboutRule(rule, definition)) };
}

function aboutRule(rule: Rule, definition: PackDefinition): RuleAbout {
  const { name, description, why, level, severity, reference, remediation } = rule;
  const own = `${definition.pages}${name}.md`;
  const page = /^https?:/.test(own) ? own : reference?.url;
  const tags = tagsOf(rule, definition);
  return { name, description, why, level, severity, remediation, tags, page };
}

/** `shop/web.yaml:12:5: `, or an empty text. */
export function placeOf({ file, line, column }: Reported): string {
  return file === undefined ? "" : `${[file, line, column].filter((part) => part !== undefined).join(":")}: `;
}

import type { PackDefinition } from "../core/analyzer";
import { tagsOf } from "../core/choice";
import type { Rule } from "../core/rule";

/** What reports tell of a pack beside its findings. */
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
  /** What to do where it is violated. */
  remediation?: string;
  tags?: readonly string[];
  /** A whole address where there is more about it. */
  page?: string;
}

/** A finding as reports show it. */
export interface Reported {
  /** Name of the pack. */
  pack: string;
  /** Name of the rule, or `exemptions`. */
  rule: string;
  level: "mandatory" | "advisory";
  /** `low`, `medium`, `high` or `critical`; undefined where nobody said. */
  severity: string | undefined;
  /** The object: `Deployment shop/web`. */
  object: string;
  /** The place in it, such as `spec.hostNetwork`; undefined when it is about the whole. */
  path: string | undefined;
  /** What is wrong, in one line, with what to do and the page of the rule. */
  message: string;
  /** Relative to the folder where the command runs, with `/`; undefined without files. */
  file: string | undefined;
  /** Both begin with 1. */
  line: number | undefined;
  column: number | undefined;
}

/** What a command has looked at, and what it found. */
export interface Report {
  packs: readonly PackAbout[];
  findings: readonly Reported[];
  /** Every object that was looked at: `Deployment shop/web`. */
  objects: readonly string[];
  /** Findings that the baseline has, which are not among `findings`. */
  known: number;
  /** Whether a finding makes the command fail. */
  fails(finding: Reported): boolean;
}

/** A report in one of the formats: the text that goes to standard output. */
export type Format = (report: Report) => string;

/** A pack of rules as reports tell of it. */
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

/** `shop/web.yaml:12:5: `, or nothing. */
export function placeOf({ file, line, column }: Reported): string {
  return file === undefined ? "" : `${[file, line, column].filter((part) => part !== undefined).join(":")}: `;
}

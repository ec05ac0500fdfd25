import type { PackDefinition } from "../core/analyzer";
import type { Rule } from "../core/rule";

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
  packs: readonly PackDefinition[];
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

/** The page of a rule, where its address is a whole one. */
export function pageOf({ pages }: PackDefinition, { name, reference }: Rule): string | undefined {
  const page = `${pages}${name}.md`;
  return /^https?:/.test(page) ? page : reference?.url;
}

/** `shop/web.yaml:12:5: `, or nothing. */
export function placeOf({ file, line, column }: Reported): string {
  return file === undefined ? "" : `${[file, line, column].filter((part) => part !== undefined).join(":")}: `;
}

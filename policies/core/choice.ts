import { nearest } from "../../components/flink/nearest";
import type { PackDefinition } from "./analyzer";
import { controlsOf, frameworks } from "./frameworks";
import type { Level, Rule, Severity } from "./rule";

/** Which rules of a pack are to look, and how much they count: made to levels of the rules before a pack is started. */
export interface Choice {
  /** What the levels begin with: see {@link presets}. Default: `default`. */
  preset?: string;
  /** Only rules of this severity or a higher one. Default: all. */
  severity?: string;
  /** Only rules that answer to a control of one of these: `cis`, `nsa-cisa`, `pci-dss`. Those that are off by default advise then. */
  frameworks?: readonly string[];
  /** Only rules with one of these tags. */
  tags?: readonly string[];
}

export const choiceFields = ["preset", "severity", "frameworks", "tags"] as const;

export const severities: readonly Severity[] = ["low", "medium", "high", "critical"];

/** Levels to begin with, by name. */
export const presets: Readonly<Record<string, { about: string; level(rule: Rule): Level }>> = {
  default: { about: "each rule has the level of its page", level: ({ level }) => level },
  advice: {
    about: "what would stop an update is advice, to begin with",
    level: ({ level }) => (level === "mandatory" ? "advisory" : level),
  },
  strict: {
    about: "advice of medium severity or more stops an update, and what is off by default is advice",
    level: ({ level, severity }) =>
      level === "disabled" ? "advisory" : severity === "low" ? level : "mandatory",
  },
};

/** Words that a rule can be chosen by: its subject, its frameworks with and without the control, and its own. */
export function tagsOf(rule: Rule, { subjects = {} }: Pick<PackDefinition, "subjects">): string[] {
  const subject = Object.keys(subjects).filter((name) => subjects[name]!.includes(rule));
  const controls = controlsOf(rule.controls);
  return [
    ...new Set([
      ...subject.map((name) => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")),
      ...(rule.tags ?? []),
      ...controls.map(({ framework }) => framework),
      ...controls.map(({ framework, id }) => `${framework}-${id}`),
    ]),
  ];
}

/** All tags of a pack. */
export function allTags(definition: Pick<PackDefinition, "rules" | "subjects">): string[] {
  return [...new Set(definition.rules.flatMap((rule) => tagsOf(rule, definition)))].sort();
}

/** What is wrong with a choice: by field, with what to write. */
export function choiceProblems(
  given: Readonly<Record<string, unknown>>,
  definition: Pick<PackDefinition, "rules" | "subjects">,
): { field: string; value: unknown; reason: string; fix: string }[] {
  const known: Record<(typeof choiceFields)[number], readonly string[]> = {
    preset: Object.keys(presets),
    severity: severities,
    frameworks: Object.keys(frameworks),
    tags: allTags(definition),
  };
  return choiceFields.flatMap((field) => {
    const value = given[field];
    if (value === undefined) return [];
    const isList = field === "frameworks" || field === "tags";
    if (isList !== Array.isArray(value)) {
      const reason = isList ? "this must be a list" : "this must be one word";
      return [{ field, value, reason, fix: isList ? "write a list, also for one entry" : "write one" }];
    }
    return (isList ? (value as unknown[]) : [value])
      .filter((one) => !known[field].includes(one as string))
      .map((one) => {
        const meant = typeof one === "string" ? nearest(one, known[field]) : undefined;
        const fix = meant === undefined ? `use one of: ${known[field].join(", ")}` : `write ${meant}`;
        return { field, value: one, reason: "there is no such thing to choose by", fix };
      });
  });
}

/** The levels of rules that a choice makes other ones than their own. */
export function levelsOf(
  definition: Pick<PackDefinition, "rules" | "subjects">,
  { preset = "default", severity = "low", frameworks: wanted, tags }: Choice,
): Record<string, Level> {
  const least = severities.indexOf(severity as Severity);
  const changed = definition.rules.flatMap((rule): [string, Level][] => {
    const own = tagsOf(rule, definition);
    const isChosen =
      severities.indexOf(rule.severity) >= least &&
      [wanted, tags].every((words) => words === undefined || words.some((word) => own.includes(word)));
    const level = presets[preset]!.level(rule);
    const isAsked = wanted !== undefined && level === "disabled";
    const chosen = !isChosen ? "disabled" : isAsked ? "advisory" : level;
    return chosen === rule.level ? [] : [[rule.name, chosen]];
  });
  return Object.fromEntries(changed);
}

/** A configuration by policy with the levels of a choice: what it says itself of a level counts more. */
export function withChoice(
  definition: Pick<PackDefinition, "rules" | "subjects">,
  choice: Choice,
  config: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const made: Record<string, unknown> = { ...levelsOf(definition, choice) };
  for (const [policy, own] of Object.entries(config)) {
    const isOptions = typeof own === "object" && own !== null && !("enforcementLevel" in own);
    made[policy] = isOptions && made[policy] !== undefined ? { ...own, enforcementLevel: made[policy] } : own;
  }
  return made;
}

import { nearest } from "../../components/flink/nearest";
import type { PackDefinition } from "./analyzer";
import { controlsOf, frameworks } from "./frameworks";
import type { Level, Rule, Severity } from "./rule";

/** A choice of a pack's rules and their levels. It becomes levels of the rules before the pack starts. */
export interface Choice {
  /** The initial levels: see {@link presets}. Default: `default`. */
  preset?: string;
  /** Only rules of this severity or higher. Default: all. */
  severity?: string;
  /**
   * Only rules that cover a control of one of these: `cis`, `nsa-cisa`, `pci-dss`. Rules that are off by
   * default are then advisory.
   */
  frameworks?: readonly string[];
  /** Only rules with one of these tags. */
  tags?: readonly string[];
}

export const choiceFields = ["preset", "severity", "frameworks", "tags"] as const;

export const severities: readonly Severity[] = ["low", "medium", "high", "critical"];

/** Initial levels, by name. */
export const presets: Readonly<Record<string, { about: string; level(rule: Rule): Level }>> = {
  default: { about: "each rule has the level on its page", level: ({ level }) => level },
  advice: {
    about: "mandatory rules are advisory, as a first step",
    level: ({ level }) => (level === "mandatory" ? "advisory" : level),
  },
  strict: {
    about:
      "advisory rules of medium severity or higher are mandatory, and rules that are off by default are advisory",
    level: ({ level, severity }) =>
      level === "disabled" ? "advisory" : severity === "low" ? level : "mandatory",
  },
};

/** Words for choosing a rule: its subject, its frameworks with and without the control, and its own tags. */
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

/** Problems of a choice: by field, with a fix. */
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
        return { field, value: one, reason: "this is not one of the choices", fix };
      });
  });
}

/** The levels of rules that a choice changes. */
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

/** A configuration by policy with the levels of a choice. A level in the configuration takes precedence. */
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

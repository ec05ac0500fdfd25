import { parse } from "yaml";
import type { Analyzer, PackDefinition, PolicyConfig, PolicySettings } from "../core/analyzer";
import { type Choice, choiceFields, choiceProblems, withChoice } from "../core/choice";
import { policyOptions } from "../core/options";
import type { Level } from "../core/rule";

/** A selected pack, with the user's configuration of its policies. */
export interface Chosen {
  /** `kubernetes` or `flink`. */
  pack: string;
  /** The choice of its rules, if any. */
  choice: Choice;
  config: Record<string, unknown>;
}

const LEVELS = ["mandatory", "advisory", "disabled"];

/**
 * Reads a configuration file: the list of a stack's `flink-kubernetes:policyPacks`.
 *
 *     - pack: kubernetes
 *       frameworks: [cis]
 *       config:
 *         image-digest: mandatory
 *         settings: { podSecurityLevel: baseline }
 */
export function readConfig(text: string, known: readonly string[]): Chosen[] {
  const given = parse(text) as unknown;
  if (!Array.isArray(given)) throw new Error("it is not a list: write `- pack: kubernetes` and its `config`");
  return given.map((entry: unknown, index) => {
    const { pack, config = {}, ...others } = isObject(entry) ? entry : ({} as Record<string, unknown>);
    const unknown = Object.keys(others).filter((name) => !(choiceFields as readonly string[]).includes(name));
    if (unknown.length > 0)
      throw new Error(
        `[${index}] has ${unknown.join(", ")}: write only pack, ${choiceFields.join(", ")} and config`,
      );
    if (typeof pack !== "string" || !known.includes(pack))
      throw new Error(`[${index}].pack is ${JSON.stringify(pack)}: write ${known.join(" or ")}`);
    if (!isObject(config)) throw new Error(`[${index}].config is not a map from policies to their settings`);
    return { pack, choice: others as Choice, config };
  });
}

/** The configuration with the levels of the chosen rules. An unknown choice is an error. */
export function chosen(definition: PackDefinition, { choice, config }: Chosen): Record<string, unknown> {
  const [problem] = choiceProblems(choice as Record<string, unknown>, definition);
  if (problem) {
    const { field, value, reason, fix } = problem;
    throw new Error(`${field} ${JSON.stringify(value)}: ${reason}; ${fix}`);
  }
  return withChoice(definition, choice, config);
}

/**
 * Reads the configuration as the engine does: `all` is the default level of all policies. Unknown names are
 * errors.
 */
export function configure(analyzer: Analyzer, config: Record<string, unknown>): void {
  const known = policyOptions(analyzer.definition.rules);
  for (const [policy, given] of Object.entries(config)) {
    const options = known.get(policy);
    if (!options) throw new Error(`${analyzer.definition.name} has no policy ${policy}`);
    const { level, options: own } = settingsOf(given);
    if (level !== undefined && !LEVELS.includes(level))
      throw new Error(`${policy}: ${JSON.stringify(level)} is not a level: write ${LEVELS.join(", ")}`);
    for (const name of Object.keys(own)) {
      if (!Object.hasOwn(options, name)) throw new Error(`${policy} has no option ${name}`);
    }
  }
  const all = settingsOf(config.all).level;
  const settings: PolicyConfig = Object.fromEntries(
    [...known.keys()].map((policy) => {
      const { level = all, options } = settingsOf(config[policy]);
      return [policy, { options, ...(level === undefined ? {} : { level }) }];
    }),
  );
  analyzer.configure(settings);
}

function settingsOf(given: unknown): PolicySettings {
  if (given === undefined || given === null) return { options: {} };
  if (!isObject(given)) return { level: given as Level, options: {} };
  const { enforcementLevel, ...options } = given;
  return { options, ...(enforcementLevel === undefined ? {} : { level: enforcementLevel as Level }) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { existsSync } from "node:fs";
import path from "node:path";
import { nearest } from "./components/flink/nearest";
import { joinPath } from "./components/args/shape";
import type { Problem } from "./components/problems";
import type { PackDefinition } from "./policies/core/analyzer";
import type { Choice } from "./policies/core/choice";
import type { Options, OptionSchema } from "./policies/core/rule";

/** A policy pack of a stack, as `flink-kubernetes:policyPacks` lists it. */
export interface StackPolicyPack {
  /** `kubernetes` or `flink`: those of this project; else the folder of a pack, relative to the project. */
  pack: string;
  /**
   * By policy: a level (`mandatory`, `advisory`, `disabled`, `remediate`), or an object with options and `enforcementLevel`. Levels that come of
   * `preset`, `severity`, `frameworks` and `tags` are in it.
   */
  config?: Record<string, unknown>;
}

/** The packs that this project brings. */
export const ownPacks = ["kubernetes", "flink"];

/** Words by which rules are chosen. Here, too, so that a program without packs loads none of their code. */
const choices = ["preset", "severity", "frameworks", "tags"];
const fields = ["pack", ...choices, "config"];
/** How much a policy counts. */
export const levels = ["mandatory", "advisory", "disabled", "remediate"];

/**
 * Reads the list; what is wrong with it is added to `problems`.
 *
 * @param checked.rules whether the rules of this project's packs are there to check what is said of them. Default true
 */
export function readPolicyPacks(
  at: string,
  given: unknown,
  projectDir: string,
  problems: Problem[],
  checked = { rules: true },
): StackPolicyPack[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) {
    problems.push({
      path: at,
      value: given,
      reason: "this must be a list",
      fix: "write a list, also for one pack",
    });
    return [];
  }
  return given.flatMap((entry: unknown, index) => {
    const found = readPack(`${at}[${index}]`, entry, projectDir, problems, checked);
    return found ? [found] : [];
  });
}

function readPack(
  at: string,
  entry: unknown,
  projectDir: string,
  problems: Problem[],
  checked: { rules: boolean },
): StackPolicyPack | undefined {
  if (!isObject(entry)) {
    problems.push({
      path: at,
      value: entry,
      reason: "this must be an object",
      fix: "write for example: pack: kubernetes",
    });
    return undefined;
  }
  for (const key of Object.keys(entry).filter((name) => !fields.includes(name))) {
    const meant = nearest(key, fields);
    problems.push({
      path: `${at}.${key}`,
      reason: "a policy pack has no such setting, so it would have no effect",
      fix: meant ? `write ${meant}` : `use ${fields.join(" and ")}`,
    });
  }
  const { pack, config } = entry;
  if (typeof pack !== "string" || pack === "") {
    const reason = "this says which policy pack it is";
    problems.push({
      path: `${at}.pack`,
      value: pack,
      reason,
      fix: "write kubernetes, flink or a folder, such as ./policies/ours",
    });
    return undefined;
  }
  if (!ownPacks.includes(pack) && !existsSync(path.resolve(projectDir, pack, "PulumiPolicy.yaml"))) {
    const meant = nearest(pack, ownPacks);
    problems.push({
      path: `${at}.pack`,
      value: pack,
      reason: "it is no pack of this project, and no folder with a PulumiPolicy.yaml",
      fix: meant ? `write ${meant}` : `write ${ownPacks.join(", ")} or the folder of a pack`,
    });
  }
  const choose = chosenIn(at, pack, entry, problems);
  if (config === undefined || config === null) return choose ? { pack, config: choose({}) } : { pack };
  if (!isObject(config)) {
    problems.push({
      path: `${at}.config`,
      value: config,
      reason: "this must be a map from policies to their configuration",
      fix: "write for example: image-digest: mandatory",
    });
    return { pack };
  }
  if (checked.rules && ownPacks.includes(pack)) checkPolicies(`${at}.config`, pack, config, problems);
  for (const [policy, settings] of Object.entries(config)) {
    const level = isObject(settings) ? settings.enforcementLevel : settings;
    if (isObject(settings) && level === undefined) continue;
    if (typeof level === "string" && levels.includes(level)) continue;
    const meant = typeof level === "string" ? nearest(level, levels) : undefined;
    problems.push({
      path: `${joinPath(`${at}.config`, policy)}${isObject(settings) ? ".enforcementLevel" : ""}`,
      value: level,
      reason: "this is no level of enforcement",
      fix: meant ? `write ${meant}` : `use one of: ${levels.join(", ")}`,
    });
  }
  return { pack, config: choose?.(config) ?? config };
}

/** What adds the levels of the rules that are chosen to a configuration; undefined where nothing is chosen, or what is chosen is wrong. */
function chosenIn(
  at: string,
  pack: string,
  entry: Record<string, unknown>,
  problems: Problem[],
): ((config: Record<string, unknown>) => Record<string, unknown>) | undefined {
  const given = choices.filter((name) => entry[name] !== undefined);
  if (given.length === 0) return undefined;
  if (!ownPacks.includes(pack)) {
    for (const name of given)
      problems.push({
        path: `${at}.${name}`,
        reason: "only rules of the packs of this project can be chosen so",
        fix: "write the levels of this pack's policies into config",
      });
    return undefined;
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- most programs need none of it
  const { choiceProblems, withChoice } = require("./policies/core/choice") as Choosing;
  const definition = definitionOf(pack);
  const found = choiceProblems(entry, definition);
  problems.push(
    ...found.map(({ field, value, ...rest }) => ({ path: `${at}.${field}`, value: plain(value), ...rest })),
  );
  return found.length > 0 ? undefined : (config) => withChoice(definition, entry as Choice, config);
}

type Choosing = typeof import("./policies/core/choice");

/** A pack of this project. Loaded only when a stack configures it. */
function definitionOf(pack: string): PackDefinition {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- most programs need none of it
  return (require(`./policies/${pack}/pack`) as { pack: PackDefinition }).pack;
}

/** The policies of a pack of this project with the options that each takes. */
function policiesOf(pack: string): Map<string, Options> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- most programs need none of it
  const { policyOptions } = require("./policies/core/options") as typeof import("./policies/core/options");
  return policyOptions(definitionOf(pack).rules);
}

/** To the engine and to a pack what they do not know has no effect. */
function checkPolicies(at: string, pack: string, config: Record<string, unknown>, problems: Problem[]): void {
  const policies = policiesOf(pack);
  for (const [policy, settings] of Object.entries(config)) {
    const path = joinPath(at, policy);
    const options = policies.get(policy);
    if (options === undefined) {
      const meant = nearest(policy, policies.keys());
      problems.push({
        path,
        reason: `the pack ${pack} has no such policy, so it would have no effect`,
        fix: meant ? `write ${meant}` : `use one of those in docs/policies/${pack}/README.md`,
        ...(meant && !isObject(settings) ? { meant: joinPath(at, meant) } : {}),
      });
      continue;
    }
    if (!isObject(settings)) continue;
    for (const [name, value] of Object.entries(settings)) {
      if (name === "enforcementLevel") continue;
      const option = Object.hasOwn(options, name) ? options[name] : undefined;
      if (option === undefined) problems.push(unknownOption(path, policy, name, value, Object.keys(options)));
      else {
        const wrong = schemaProblem(value, option.schema);
        const at = joinPath(path, name);
        if (name === "exemptions" && Array.isArray(value))
          checkExemptions(at, policy, value, policies, problems);
        else if (wrong) problems.push({ path: at, value: plain(value), ...wrong });
      }
    }
  }
}

/** An exemption that is not written as it must be exempts nothing; one whose conditions are misspelt could exempt too much. */
function checkExemptions(
  at: string,
  policy: string,
  given: readonly unknown[],
  policies: ReadonlyMap<string, Options>,
  problems: Problem[],
): void {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- most programs need none of it
  const { exemptionProblem, settingsProblem } = require("./policies/core/exemptions") as Exemptions;
  given.forEach((entry, index) => {
    const problem =
      policy === "settings" ? settingsProblem(entry, [...policies.keys()]) : exemptionProblem(entry);
    if (problem === undefined) return;
    problems.push({
      path: `${at}[${index}]`,
      reason: `this exemption would have no effect: ${problem}`,
      fix: "write resource, namespace, labels or image, a reason, and the last day as expires: 2027-03-31",
    });
  });
}

type Exemptions = typeof import("./policies/core/exemptions");

function unknownOption(at: string, policy: string, name: string, value: unknown, known: string[]): Problem {
  const meant = nearest(name, [...known, "enforcementLevel"]);
  return {
    path: joinPath(at, name),
    reason: `${policy} has no such option, so it would have no effect`,
    fix: meant ? `write ${meant}` : `use one of: ${["enforcementLevel", ...known].join(", ")}`,
    ...(meant && typeof value !== "object" ? { meant: joinPath(at, meant) } : {}),
  };
}

/** What is wrong with the value of an option, by the schema that the pack gives the engine. */
function schemaProblem(value: unknown, schema: OptionSchema): { reason: string; fix: string } | undefined {
  const { type, minimum, maximum, pattern, items } = schema;
  if (schema.enum && !schema.enum.includes(value as string)) {
    const listed = schema.enum.join(", ");
    const meant = typeof value === "string" ? nearest(value, schema.enum.map(String)) : undefined;
    return { reason: `this must be one of: ${listed}`, fix: meant ? `write ${meant}` : "write one of these" };
  }
  if (type !== undefined && !isOfType(value, type)) {
    const wanted = { array: "a list", object: "a map", integer: "a whole number", boolean: "true or false" };
    const words = type in wanted ? wanted[type as keyof typeof wanted] : `a ${type}`;
    const fix =
      type === "string"
        ? "write it in quotes"
        : type === "array"
          ? "write a list, also for one entry"
          : `write ${words} without quotes`;
    return { reason: `this must be ${words}`, fix };
  }
  if (typeof value === "number" && (value < (minimum ?? -Infinity) || value > (maximum ?? Infinity))) {
    const bounds = [
      minimum === undefined ? "" : `at least ${minimum}`,
      maximum === undefined ? "" : `at most ${maximum}`,
    ];
    return {
      reason: `this must be ${bounds.filter((bound) => bound !== "").join(" and ")}`,
      fix: "write such a number",
    };
  }
  if (typeof value === "string" && pattern !== undefined && !new RegExp(pattern, "u").test(value)) {
    return { reason: "this has not the form that the option has", fix: `write what matches ${pattern}` };
  }
  if (Array.isArray(value) && items) {
    return value.map((item) => schemaProblem(item, items)).find((found) => found !== undefined);
  }
  return undefined;
}

function isOfType(value: unknown, type: NonNullable<OptionSchema["type"]>): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

function plain(value: unknown): unknown {
  return typeof value === "object" ? undefined : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

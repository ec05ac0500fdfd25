import { existsSync } from "node:fs";
import path from "node:path";
import { nearest } from "./components/flink/nearest";
import type { Problem } from "./components/problems";

/** A policy pack of a stack, as `flink-kubernetes:policyPacks` lists it. */
export interface StackPolicyPack {
  /** `kubernetes` or `flink`: those of this project; else the folder of a pack, relative to the project. */
  pack: string;
  /** By policy: a level (`mandatory`, `advisory`, `disabled`, `remediate`), or an object with options and `enforcementLevel`. */
  config?: Record<string, unknown>;
}

/** The packs that this project brings. */
export const ownPacks = ["kubernetes", "flink"];

const fields = ["pack", "config"];
const levels = ["mandatory", "advisory", "disabled", "remediate"];

/** Reads the list; what is wrong with it is added to `problems`. */
export function readPolicyPacks(
  at: string,
  given: unknown,
  projectDir: string,
  problems: Problem[],
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
    const found = readPack(`${at}[${index}]`, entry, projectDir, problems);
    return found ? [found] : [];
  });
}

function readPack(
  at: string,
  entry: unknown,
  projectDir: string,
  problems: Problem[],
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
  if (config === undefined || config === null) return { pack };
  if (!isObject(config)) {
    problems.push({
      path: `${at}.config`,
      value: config,
      reason: "this must be a map from policies to their configuration",
      fix: "write for example: image-digest: mandatory",
    });
    return { pack };
  }
  for (const [policy, settings] of Object.entries(config)) {
    const level = isObject(settings) ? settings.enforcementLevel : settings;
    if (isObject(settings) && level === undefined) continue;
    if (typeof level === "string" && levels.includes(level)) continue;
    const meant = typeof level === "string" ? nearest(level, levels) : undefined;
    problems.push({
      path: `${at}.config["${policy}"]${isObject(settings) ? ".enforcementLevel" : ""}`,
      value: level,
      reason: "this is no level of enforcement",
      fix: meant ? `write ${meant}` : `use one of: ${levels.join(", ")}`,
    });
  }
  return { pack, config };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { parse } from "yaml";
import { loadCatalogue } from "../../../components/flink/catalogue";
import { supportedMinors } from "../../../components/flink/versions";

/** The newest name of an option in all known versions, so that rules find old names too. */
export function canonical(key: string): string {
  let name = newest.get(key);
  if (name === undefined) {
    name = key;
    for (const minor of supportedMinors) name = loadCatalogue(minor).deprecated.get(name) || name;
    if (newest.size > MOST) newest.clear();
    newest.set(key, name);
  }
  return name;
}

const MOST = 5000;
const newest = new Map<string, string>();
const read = new Map<string, [string, string][]>();

/**
 * The options of a configuration text, with its own names: config.yaml (also nested), or the `key: value`
 * lines of flink-conf.yaml and FLINK_PROPERTIES. Other texts have no options. The result is cached, because
 * every rule needs it.
 */
export function optionsOf(text: string): [string, string][] {
  let options = read.get(text);
  if (!options) {
    options = parsed(text) ?? lines(text);
    if (read.size > MOST) read.clear();
    read.set(text, options);
  }
  return options;
}

function parsed(text: string): [string, string][] | undefined {
  try {
    // Keeps the original texts, because Flink does not read `1e3` and `yes` as numbers and booleans.
    const value: unknown = parse(text, { schema: "failsafe", uniqueKeys: false, logLevel: "silent" });
    return isObject(value) ? flatten(value, "") : undefined;
  } catch {
    return undefined;
  }
}

/** Joins nested keys with dots, and lists with semicolons, as Flink does. */
export function flatten(value: Record<string, unknown>, prefix: string): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]): [string, string][] => {
    const name = `${prefix}${key}`;
    if (isObject(inner)) return flatten(inner, `${name}.`);
    if (Array.isArray(inner)) return [[name, inner.filter((item) => !isObject(item)).join(";")]];
    if (typeof inner === "string") return [[name, inner]];
    return typeof inner === "number" || typeof inner === "boolean" ? [[name, String(inner)]] : [];
  });
}

function lines(text: string): [string, string][] {
  return text.split("\n").flatMap((line): [string, string][] => {
    const [, key, value] = /^\s*([\w$.-]+)\s*:\s+(.*?)\s*(?:\s#.*)?$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value]];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

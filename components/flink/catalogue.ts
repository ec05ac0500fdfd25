import { readFileSync } from "node:fs";
import path from "node:path";
import { nearest } from "./nearest";

/**
 * Names and types of a Flink version's options, read by reflection from its jars. One file for each minor
 * version, loaded on first use.
 */
export interface Catalogue {
  /**
   * Option -> Boolean, Integer, Long, Double, Float, Duration, MemorySize, String, List, Map, or "Enum A|B".
   */
  types: ReadonlyMap<string, string>;
  /** Old name -> new name, or "" if there is no replacement. */
  deprecated: ReadonlyMap<string, string>;
}

// This type makes the compiler copy the files to its output.
type CatalogueFile =
  | typeof import("./catalogue/1.20.json")
  | typeof import("./catalogue/2.0.json")
  | typeof import("./catalogue/2.1.json")
  | typeof import("./catalogue/2.2.json")
  | typeof import("./catalogue/2.3.json");

const loaded = new Map<string, Catalogue>();

/**
 * When Flink reads an option. Options read at submission are stored with the job, and a new JobManager leader
 * uses the stored values. If an option is read at submission and at a process's start, the process's value
 * applies only to jobs without their own.
 */
export type Moment = "submission" | "jobManager" | "taskManager";

type TakenFile = typeof import("./catalogue/taken.json");

let moments: Map<string, Moment[]> | undefined;

/**
 * Derived from Flink's code for all versions: the classes that read an option, and whose configuration they
 * get.
 */
function momentsOf(option: string): Moment[] | undefined {
  if (!moments) {
    const text = readFileSync(path.join(__dirname, "catalogue", "taken.json"), "utf8");
    const { elsewhere, ...taken } = JSON.parse(text) as TakenFile;
    moments = new Map(elsewhere.map((key) => [key, []]));
    for (const [moment, keys] of Object.entries(taken) as [Moment, string[]][]) {
      for (const key of keys) moments.set(key, [...(moments.get(key) ?? []), moment]);
    }
  }
  return moments.get(option);
}

/**
 * Empty for an option that neither the cluster's processes nor its jobs read; undefined for an unknown
 * option.
 */
export function takenAt(key: string, { deprecated, types }: Catalogue): readonly Moment[] | undefined {
  const found = momentsOf(key) ?? momentsOf(deprecated.get(key) ?? "");
  if (found) return found;
  // A map option may be written as one key for each entry.
  for (let end = key.lastIndexOf("."); end > 0; end = key.lastIndexOf(".", end - 1)) {
    const option = key.slice(0, end);
    if (types.get(option) === "Map") return momentsOf(option);
  }
  return undefined;
}

export function loadCatalogue(minor: string): Catalogue {
  let catalogue = loaded.get(minor);
  if (!catalogue) {
    const text = readFileSync(path.join(__dirname, "catalogue", `${minor}.json`), "utf8");
    const file = JSON.parse(text) as CatalogueFile;
    catalogue = {
      types: new Map(Object.entries(file.types).flatMap(([type, keys]) => keys.map((key) => [key, type]))),
      deprecated: new Map(Object.entries(file.deprecated)),
    };
    loaded.set(minor, catalogue);
  }
  return catalogue;
}

/**
 * Families of options with names chosen by the user, a plugin or a file system: any such key may be valid.
 */
const OPEN = [
  /^(metrics|traces|events)\.reporter\.[^.]+\../,
  /^external-resource\.[^.]+\../,
  /^security\.delegation\.token\.provider\.[^.]+\../,
  /^containerized\.(master|taskmanager)\.env\../,
  /^(s3|s3a|fs|gs|oss|dfs|hadoop|presto\.s3|flink\.hadoop|flink\.yarn|sql-gateway)\../,
  /^\$internal\./,
];

/** Whether Flink, a plugin or a file system may read this key even if the catalogue does not list it. */
export function isOpenEnded(key: string, catalogue: Catalogue): boolean {
  if (OPEN.some((pattern) => pattern.test(key))) {
    return true;
  }
  // A map option may be written as one key for each entry.
  for (let end = key.lastIndexOf("."); end > 0; end = key.lastIndexOf(".", end - 1)) {
    if (catalogue.types.get(key.slice(0, end)) === "Map") {
      return true;
    }
  }
  return false;
}

/** The most likely meant option for a mistyped key, by its new name if it has one. */
export function nearestOption(key: string, catalogue: Catalogue): string | undefined {
  const names = [...catalogue.types.keys(), ...catalogue.deprecated.keys()];
  const best = nearest(key, names, Math.max(2, Math.floor(key.length / 6)));
  return best && (catalogue.deprecated.get(best) || best);
}

import { readFileSync } from "node:fs";
import path from "node:path";
import { nearest } from "./nearest";

/**
 * What a Flink version calls its options and of which type they are, read by reflection from the jars of that version. One
 * file a minor version, read when it is first needed.
 */
export interface Catalogue {
  /** Option -> Boolean, Integer, Long, Double, Float, Duration, MemorySize, String, List, Map, or "Enum A|B". */
  types: ReadonlyMap<string, string>;
  /** Old name -> the name to use instead, or "" when nothing replaces it. */
  deprecated: ReadonlyMap<string, string>;
}

// The type makes the compiler put the files beside its output.
type CatalogueFile =
  | typeof import("./catalogue/1.20.json")
  | typeof import("./catalogue/2.0.json")
  | typeof import("./catalogue/2.1.json")
  | typeof import("./catalogue/2.2.json")
  | typeof import("./catalogue/2.3.json");

const loaded = new Map<string, Catalogue>();

/**
 * When an option is taken. What is taken at submission is stored with the job: a new leader of the JobManagers goes on with what it finds there. Of an option that
 * is taken at submission and when a process starts, the process's value counts only for a job that has none.
 */
export type Moment = "submission" | "jobManager" | "taskManager";

type TakenFile = typeof import("./catalogue/taken.json");

let moments: Map<string, Moment[]> | undefined;

/** Read from Flink's code, for all versions: which classes read an option, and whose configuration they are given. */
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

/** Empty for an option that neither the cluster's processes nor its jobs read; nothing for one that is not known. */
export function takenAt(key: string, { deprecated, types }: Catalogue): readonly Moment[] | undefined {
  const found = momentsOf(key) ?? momentsOf(deprecated.get(key) ?? "");
  if (found) return found;
  // An option that is a map may be written as one key for each entry.
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

/** Families of options whose names the user, a plugin or a file system chooses: any such key may be right. */
const OPEN = [
  /^(metrics|traces|events)\.reporter\.[^.]+\../,
  /^external-resource\.[^.]+\../,
  /^security\.delegation\.token\.provider\.[^.]+\../,
  /^containerized\.(master|taskmanager)\.env\../,
  /^(s3|s3a|fs|gs|oss|dfs|hadoop|presto\.s3|flink\.hadoop|flink\.yarn|sql-gateway)\../,
  /^\$internal\./,
];

/** Whether Flink, a plugin or a file system may read this key although the catalogue does not list it. */
export function isOpenEnded(key: string, catalogue: Catalogue): boolean {
  if (OPEN.some((pattern) => pattern.test(key))) {
    return true;
  }
  // An option that is a map may be written as one key for each entry.
  for (let end = key.lastIndexOf("."); end > 0; end = key.lastIndexOf(".", end - 1)) {
    if (catalogue.types.get(key.slice(0, end)) === "Map") {
      return true;
    }
  }
  return false;
}

/** The listed option that a mistyped key most likely meant: under its new name if it has one. */
export function nearestOption(key: string, catalogue: Catalogue): string | undefined {
  const names = [...catalogue.types.keys(), ...catalogue.deprecated.keys()];
  const best = nearest(key, names, Math.max(2, Math.floor(key.length / 6)));
  return best && (catalogue.deprecated.get(best) || best);
}

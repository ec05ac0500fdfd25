import { existsSync } from "node:fs";
import path from "node:path";

const NAMES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/** The project file of a folder, if it has one. */
export function projectFile(folder: string): string | undefined {
  return NAMES.map((name) => path.join(folder, name)).find((file) => existsSync(file));
}

/** Whether a folder is a project's own. */
export function isProject(folder: string): boolean {
  return projectFile(folder) !== undefined;
}

/** The project that a folder is in, as Pulumi finds it: the nearest folder upwards with a project file. */
export function findProject(folder: string): string | undefined {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (isProject(at)) return at;
    if (path.dirname(at) === at) return undefined;
  }
}

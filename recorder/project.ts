import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { UserError } from "./errors";
import { projectFile } from "./find-project";
import { isObject } from "./json";

/** The parts of Pulumi.yaml that a run needs. */
export interface Project {
  name: string;
  /** The program: a file or a folder, relative to the project's folder. Absent: the folder itself. */
  main?: string;
  /** `nodejs`, `python`, … */
  runtime: string;
  /** Node's options of the runtime: `typescript`, `tsconfig`, `nodeargs`. */
  options: Record<string, unknown>;
  /** Configuration or defaults for all stacks. */
  config: Record<string, unknown>;
  /** Folder of the stacks' files, relative to the project's folder. */
  stackFolder: string;
}

export function readProject(projectDir: string): Project {
  const file = projectFile(projectDir);
  if (file === undefined)
    throw new UserError(`There is no Pulumi project in ${projectDir}: it has no Pulumi.yaml.`);
  let found: unknown;
  try {
    found = parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message.split("\n")[0]}`);
  }
  if (!isObject(found) || typeof found.name !== "string")
    throw new UserError(`${file} does not say the name of a project.`);
  const { name, main, runtime, config, stackConfigDir } = found;
  const [kind, options] = isObject(runtime) ? [runtime.name, runtime.options] : [runtime, undefined];
  // In old project files, `config` was the folder of the stacks' files.
  const folder = stackConfigDir ?? (typeof config === "string" ? config : undefined);
  return {
    name,
    ...(typeof main === "string" && main !== "" ? { main } : {}),
    runtime: typeof kind === "string" ? kind : "",
    options: isObject(options) ? options : {},
    config: isObject(config) ? config : {},
    stackFolder: typeof folder === "string" ? folder : ".",
  };
}

/** The working directory and the entry of the program, from `main` as in the engine. */
export function entryOf(projectDir: string, main: string | undefined): { folder: string; entry: string } {
  if (main === undefined) return { folder: projectDir, entry: "." };
  const full = path.resolve(projectDir, main);
  const found = statSync(full, { throwIfNoEntry: false });
  if (found?.isDirectory()) return { folder: full, entry: "." };
  return { folder: path.dirname(full), entry: path.basename(full) };
}

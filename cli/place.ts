import path from "node:path";
import { UserError } from "../recorder/errors";
import { findProject } from "../recorder/find-project";
import type { Caller } from "./caller";
import { chosenStack } from "./stack";

/** The project and the stack of a command. */
export function placeOf(
  caller: Caller,
  given: { cwd?: string; stack?: string },
): { projectDir: string; stack: string } {
  const projectDir = given.cwd === undefined ? caller.projectDir() : projectAt(given.cwd);
  return { projectDir, stack: chosenStack(projectDir, given.stack) };
}

function projectAt(folder: string): string {
  const found = findProject(folder);
  if (found !== undefined) return found;
  throw new UserError(`--cwd ${folder}: no folder from this one upwards has a Pulumi.yaml.`, [
    `Looked for it in ${path.resolve(folder)} and above.`,
  ]);
}

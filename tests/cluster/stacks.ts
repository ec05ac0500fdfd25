import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { readStack } from "../../cli/stack";
import { dryRun } from "../support/dry-run";
import { projectDir } from "../support/project";

/** Names of the stacks of this repository. */
export function stacks(): string[] {
  const names = readdirSync(projectDir).map((file) => /^Pulumi\.(\w+)\.yaml$/.exec(file)?.[1]);
  return names.filter((name) => name !== undefined).sort();
}

/** Has an API server check every object of a stack, strictly, and change nothing. */
export async function dryRunStack(stack: string, kubeconfig: string): Promise<void> {
  const objects = await dryRun(readStack(projectDir, stack), kubeconfig);
  assert.ok(objects.length >= 10, `${objects.length} objects were tried`);
}

import {
  evaluateResource,
  evaluateStack,
  type Given,
  type Outcome,
  Resource,
  type Rule,
  Stack,
} from "../../../policies/core";
import type { Fixture, Fixtures } from "../../../policies/core/fixtures";
import { fromManifest, type TestResource } from "../../../policies/testing";

/** Runs a rule on resources as plain data; an unknown in them is the engine's marker. */
export function judgeWith(
  rule: Rule,
  resources: readonly TestResource[],
  own: Given = {},
): Outcome | undefined {
  const inputs = inputsOf(resources);
  if (rule.kind === "stack") return evaluateStack(rule, new Stack(inputs), { own });
  return evaluateResource(rule, new Resource(inputs[0]!), { own });
}

/** Test resources for the pure functions, without the way over the wire. */
export function inputsOf(resources: readonly TestResource[]) {
  return resources.map((resource, index) => ({
    ...resource,
    name: resource.name ?? "unnamed",
    urn: resource.urn ?? `urn:pulumi:test::test::${resource.type}::${index}`,
    opts: {},
    parent: undefined,
    dependencies: [],
    propertyDependencies: {},
  }));
}

export function resourcesOf(fixture: Fixture): TestResource[] {
  return fixture.manifests.map((manifest) => fromManifest(withoutUndefined(manifest)));
}

function withoutUndefined(manifest: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(manifest)) as Record<string, unknown>;
}

/** What is wrong with the verdicts on a rule's own fixtures; nothing when all are as they must be. */
export function fixtureMistakes(rule: Rule, { fails, passes }: Fixtures): string[] {
  const mistakes: string[] = [];
  // Where there is nothing, a rule says that it is not about it, and not that all is well.
  if (rule.kind === "stack" && judgeWith(rule, []) !== undefined) mistakes.push("is about an empty stack");
  fails.forEach((fixture, index) => {
    const outcome = judgeWith(rule, resourcesOf(fixture), fixture.config);
    const paths = outcome?.violations.map(({ path }) => path) ?? [];
    if (outcome?.error) mistakes.push(`fails[${index}]: ${outcome.error.message}`);
    else if (paths.length === 0) mistakes.push(`fails[${index}]: passes`);
    else if (fixture.at && JSON.stringify(fixture.at) !== JSON.stringify(paths)) {
      mistakes.push(`fails[${index}]: at ${paths.join(", ")}`);
    }
  });
  passes.forEach((fixture, index) => {
    const outcome = judgeWith(rule, resourcesOf(fixture), fixture.config);
    if (outcome?.error) mistakes.push(`passes[${index}]: ${outcome.error.message}`);
    for (const { path } of outcome?.violations ?? []) mistakes.push(`passes[${index}]: fails at ${path}`);
  });
  return mistakes;
}

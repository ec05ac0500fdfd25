import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { preview } from "../../local/direct";
import { clusterOf, readStack } from "../../local/stack";
import { projectDir } from "../support/project";

/** Names of the stacks of this repository. */
export function stacks(): string[] {
  const names = readdirSync(projectDir).map((file) => /^Pulumi\.(\w+)\.yaml$/.exec(file)?.[1]);
  return names.filter((name) => name !== undefined).sort();
}

/** Has an API server check every object of a stack, strictly, and change nothing. */
export async function dryRun(stack: string, kubeconfig: string): Promise<void> {
  const settings = readStack(projectDir, stack);
  const { namespace } = clusterOf(settings);
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  // A stack may live in a namespace that somebody else makes.
  const adopted = /"create":\s*false/.test(settings.config["flink-kubernetes:cluster"] ?? "");
  if (adopted) await core.createNamespace({ body: { metadata: { name: namespace } } });
  const result = await preview({ ...settings, kubeconfig });
  if (adopted) await core.deleteNamespace({ name: namespace });
  const objects = result.created + result.updated + result.unchanged;
  assert.ok(objects >= 10, `${objects} objects were tried`);
}

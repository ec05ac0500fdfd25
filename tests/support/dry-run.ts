import assert from "node:assert/strict";
import { ApiError, Cluster, type KubernetesObject } from "../../operations/kubernetes";
import { manifests, type ProgramRun } from "../../recorder";
import { describe, referenceOf } from "../../recorder/objects";
import { hasUnknown } from "../../recorder/values";

/**
 * Has an API server check every object of a program, strictly, and change nothing. Objects with values that only a cluster knows are left out. Gives the objects that
 * were tried.
 */
export async function dryRun(program: ProgramRun, kubeconfig: string): Promise<KubernetesObject[]> {
  const { rendered } = await manifests(program);
  const objects = rendered.map(({ object }) => object).filter((object) => !hasUnknown(object));
  const cluster = new Cluster({ kubeconfig });
  const refused: string[] = [];
  try {
    for (const object of objects) {
      await tryObject(cluster, object).catch((error: Error) =>
        refused.push(`${describe(referenceOf(object))}: ${error.message}`),
      );
    }
  } finally {
    cluster.close();
  }
  assert.deepEqual(refused, []);
  return objects;
}

/** The server wants a namespace that exists: an object of another one is tried in `default`. */
async function tryObject(cluster: Cluster, object: KubernetesObject): Promise<void> {
  try {
    await apply(cluster, object);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404 && error.details.kind === "namespaces"))
      throw error;
    await apply(cluster, { ...object, metadata: { ...object.metadata, namespace: "default" } });
  }
}

async function apply(cluster: Cluster, object: KubernetesObject): Promise<void> {
  const { signal } = new AbortController();
  await cluster.request("PATCH", await cluster.path(referenceOf(object), signal), {
    query: { fieldManager: "flink-kubernetes", force: "true", fieldValidation: "Strict", dryRun: "All" },
    contentType: "application/apply-patch+yaml",
    body: object,
    signal,
  });
}

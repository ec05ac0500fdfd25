import { createHash } from "node:crypto";
import { clone, isObject } from "../json";
import { ApiError, type Cluster, type KubernetesObject } from "../kubernetes";
import { describe, referenceOf } from "../record/objects";
import { comparable, ignoreChanges } from "./live";
import type { Target } from "./providers";

/** Owner of every field that this path applies. Fixed, so that the next run knows its own and gives up what it no longer sends. */
export const FIELD_MANAGER = "flink-kubernetes";

/** How often an apply with a re-sent live value is tried again when somebody else has changed the object meanwhile. */
const CONFLICT_RETRIES = 8;

export interface Plan {
  op: "create" | "update" | "same" | "replace";
  /** The object as the server would store it; for `replace` as the program wants it. */
  result: KubernetesObject;
  /** Why an update is impossible, for `replace`. */
  reason?: string;
}

/** Fills in what the program leaves to provider and cluster: the namespace. `undefined` when the cluster does not know the kind. */
export async function place(
  object: KubernetesObject,
  target: Target,
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  const resource = await target.cluster.resource(object.apiVersion, object.kind, signal);
  if (!resource) {
    return undefined;
  }
  const { namespace, ...metadata } = object.metadata;
  return resource.namespaced
    ? { ...object, metadata: { ...metadata, namespace: namespace ?? target.namespace } }
    : { ...object, metadata };
}

export async function patch(
  cluster: Cluster,
  object: KubernetesObject,
  signal: AbortSignal,
  dryRun = false,
): Promise<KubernetesObject> {
  return (await cluster.request("PATCH", await cluster.path(referenceOf(object), signal), {
    query: {
      fieldManager: FIELD_MANAGER,
      force: "true",
      fieldValidation: "Strict",
      ...(dryRun ? { dryRun: "All" } : {}),
    },
    contentType: "application/apply-patch+yaml", // JSON is YAML
    body: object,
    signal,
  })) as KubernetesObject;
}

export function isBeingDeleted(live: KubernetesObject | undefined): boolean {
  return live?.metadata.deletionTimestamp !== undefined;
}

export function isJob(object: KubernetesObject): boolean {
  return object.kind === "Job" && object.apiVersion.startsWith("batch/");
}

export function jobFailed(live: KubernetesObject): boolean {
  return hasCondition(live, "Failed");
}

export function hasCondition(live: KubernetesObject, type: string, status = "True"): boolean {
  const conditions =
    isObject(live.status) && Array.isArray(live.status.conditions) ? live.status.conditions : [];
  return conditions.some(
    (condition) => isObject(condition) && condition.type === type && condition.status === status,
  );
}

/**
 * What applying would do, as the server's own validation, defaulting and admission see it. A refused update that would be fine as a new
 * object is a change of an immutable field, whatever the kind: that is found out, not listed kind by kind.
 */
export async function plan(
  cluster: Cluster,
  object: KubernetesObject,
  ignored: readonly string[],
  live: KubernetesObject | undefined,
  signal: AbortSignal,
): Promise<Plan> {
  if (!live || isBeingDeleted(live)) {
    return { op: "create", result: await patch(cluster, object, signal, true) };
  }
  if (ignored.includes("*")) {
    return { op: "same", result: live };
  }
  const wanted = ignoreChanges(object, ignored, live);
  try {
    const result = await patch(cluster, wanted, signal, true);
    if (isJob(live) && jobFailed(live)) {
      return { op: "replace", result: object, reason: "the Job has failed" };
    }
    return { op: comparable(result) === comparable(live) ? "same" : "update", result };
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 422)) {
      throw error;
    }
    const fresh = clone(object);
    fresh.metadata.name = otherName(object.metadata.name);
    try {
      await patch(cluster, fresh, signal, true);
    } catch {
      throw error; // it is wrong in itself; the first message names the object as the program does
    }
    return { op: "replace", result: object, reason: error.message };
  }
}

/** Applies for good. The caller has decided about replacement and waited for deletions. */
export async function apply(
  cluster: Cluster,
  object: KubernetesObject,
  ignored: readonly string[],
  live: KubernetesObject | undefined,
  signal: AbortSignal,
): Promise<{ op: "create" | "update" | "same"; live: KubernetesObject }> {
  for (let attempt = 1; ; attempt++) {
    if (live && ignored.includes("*")) {
      return { op: "same", live };
    }
    const wanted = live ? clone(ignoreChanges(object, ignored, live)) : object;
    if (live && ignored.length > 0) {
      // The re-sent value must still be the live one when it arrives, or an autoscaler's decision would be undone.
      wanted.metadata.resourceVersion = live.metadata.resourceVersion!;
    }
    try {
      const applied = await patch(cluster, wanted, signal);
      if (!live) {
        return { op: "create", live: applied };
      }
      const same =
        applied.metadata.resourceVersion === live.metadata.resourceVersion ||
        comparable(applied) === comparable(live);
      return { op: same ? "same" : "update", live: applied };
    } catch (error) {
      const conflict = error instanceof ApiError && error.status === 409 && ignored.length > 0;
      if (!conflict || attempt === CONFLICT_RETRIES) {
        throw error;
      }
      live = await cluster.get(referenceOf(object), signal);
    }
  }
}

/** The namespace whose absence, or deletion under way, is the reason for an error. */
export function missingNamespace(error: unknown, object: KubernetesObject): string | undefined {
  if (!(error instanceof ApiError) || object.metadata.namespace === undefined) {
    return undefined;
  }
  const absent = error.status === 404 && error.details.kind === "namespaces";
  const ending = error.status === 403 && /because it is being terminated/.test(error.message);
  return absent || ending ? object.metadata.namespace : undefined;
}

/**
 * Strict validation of an object whose namespace does not exist yet: the server wants one that exists, so it is tried in `default`, without what cannot stand there.
 */
export async function tryInDefault(
  cluster: Cluster,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  const stand = clone(object);
  const { name, namespace } = object.metadata;
  stand.metadata.namespace = "default";
  delete stand.metadata.ownerReferences;
  if (await cluster.get(referenceOf(stand), signal)) {
    stand.metadata.name = otherName(name);
  }
  if (stand.kind === "Pod" && isObject(stand.spec)) {
    delete stand.spec.serviceAccountName; // admission looks the account up
  }
  const result = await patch(cluster, stand, signal, true);
  return { ...result, metadata: { ...result.metadata, name, ...(namespace ? { namespace } : {}) } };
}

/** A name that nothing has, of about the same length: the length is part of what is validated. */
function otherName(name: string): string {
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return name.length > 16 ? name.slice(0, name.length - 8) + hash : `${name}-${hash}`;
}

/** Says which object an error is about, unless the server has. */
export function explain(error: unknown, object: KubernetesObject): Error {
  const what = describe(referenceOf(object));
  const text = error instanceof Error ? error.message : String(error);
  return new Error(text.includes(what) ? text : `${what}: ${text}`, { cause: error });
}

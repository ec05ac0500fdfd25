import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster, KubernetesObject, Reference } from "../kubernetes";
import { describe, referenceOf } from "../record/objects";
import { troubles } from "./pods";
import { readiness } from "./readiness";
import { isObject } from "../json";

/** The Pulumi provider's default for every kind, in milliseconds. */
export const DEFAULT_TIMEOUT = 600_000;

const SHORTEST = 50;
const LONGEST = 1000;
/** A wait that takes longer than this says why, and again this often, in milliseconds. */
const QUIET = 4000;

/** Time that an object may take: the option `customTimeouts`, else its annotation, else ten minutes. */
export function timeoutOf(object: KubernetesObject, custom: number | undefined): number {
  const annotations = isObject(object.metadata.annotations) ? object.metadata.annotations : {};
  const seconds = Number(annotations["pulumi.com/timeoutSeconds"] ?? Number.NaN);
  return custom ?? (Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : DEFAULT_TIMEOUT);
}

/** Waits until an applied object is ready and returns it as it then is. Messages tell what a long wait is waiting for. */
export async function awaitReady(
  cluster: Cluster,
  applied: KubernetesObject,
  timeout: number,
  signal: AbortSignal,
  onMessage: (message: string) => void,
): Promise<KubernetesObject> {
  const reference = referenceOf(applied);
  const said = new Set<string>();
  const start = Date.now();
  let live = applied;
  let pause = SHORTEST;
  let quietUntil = start + QUIET;
  for (;;) {
    const state = await readiness(live, cluster, signal);
    if (state.state === "ready") {
      return live;
    }
    const late = Date.now() - start >= timeout;
    if (state.state === "failed" || late) {
      const reasons = await troubles(cluster, live, signal);
      const headline = late ? `not ready after ${timeout / 1000} s: ${state.message}` : state.message;
      throw new Error([`${describe(reference)}: ${headline}`, ...reasons].join("\n"));
    }
    if (Date.now() >= quietUntil) {
      quietUntil = Date.now() + QUIET;
      const lines = await troubles(cluster, live, signal);
      for (const line of lines.length > 0 ? lines : [state.message]) {
        if (!said.has(line)) {
          said.add(line);
          onMessage(`${describe(reference)}: ${line}`);
        }
      }
    }
    await sleep(Math.min(pause, timeout), undefined, { signal });
    pause = Math.min(pause * 1.3, LONGEST);
    const next = await cluster.get(reference, signal);
    if (!next) {
      throw new Error(`${describe(reference)} was deleted by somebody else while it was waited for.`);
    }
    live = next;
  }
}

/** Deletes an object in the foreground and waits until it has gone. An object that is not there is fine. */
export async function deleteAndAwait(
  cluster: Cluster,
  reference: Reference,
  timeout: number,
  signal: AbortSignal,
  onMessage: (message: string) => void,
): Promise<void> {
  const start = Date.now();
  let live = await cluster.get(reference, signal);
  if (!live) {
    return;
  }
  const uid = live.metadata.uid!;
  const annotations = isObject(live.metadata.annotations) ? live.metadata.annotations : {};
  const policy = annotations["pulumi.com/deletionPropagationPolicy"];
  if (live.metadata.deletionTimestamp === undefined) {
    await cluster
      .request("DELETE", await cluster.path(reference, signal), {
        body: {
          apiVersion: "v1",
          kind: "DeleteOptions",
          propagationPolicy:
            typeof policy === "string" ? policy[0]!.toUpperCase() + policy.slice(1) : "Foreground",
          preconditions: { uid },
        },
        signal,
      })
      .catch((error: unknown) => {
        if ((error as { status?: number }).status !== 404) {
          throw error;
        }
      });
  }
  let pause = SHORTEST;
  let quietUntil = start + QUIET;
  for (;;) {
    live = await cluster.get(reference, signal);
    if (!live || live.metadata.uid !== uid) {
      return;
    }
    const finalizers = Array.isArray(live.metadata.finalizers) ? live.metadata.finalizers.join(", ") : "";
    const blocked = finalizers ? ` (finalizers: ${finalizers})` : "";
    if (Date.now() - start >= timeout) {
      throw new Error(`${describe(reference)} is still being deleted after ${timeout / 1000} s${blocked}.`);
    }
    if (Date.now() >= quietUntil) {
      quietUntil = Date.now() + 3 * QUIET;
      onMessage(`${describe(reference)} is being deleted${blocked}`);
    }
    await sleep(pause, undefined, { signal });
    pause = Math.min(pause * 1.3, LONGEST);
  }
}

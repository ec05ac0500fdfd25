import type { Cluster, KubernetesObject } from "../kubernetes";
import { isObject, type Json, type JsonObject } from "../json";

/** A container's last words longer than this are cut; the limit of Kubernetes itself is 4096 bytes. */
const LONGEST = 4096;

/**
 * Why a workload is not getting on, in the words of its pods: what a container waits for, how it ended and with which termination message, why a pod finds no node, and the
 * warnings that the controllers and kubelet have recorded.
 */
export async function troubles(
  cluster: Cluster,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<string[]> {
  const namespace = object.metadata.namespace;
  const selector = object.kind === "Pod" ? "" : selectorOf(object);
  if (namespace === undefined || selector === undefined) {
    return [];
  }
  const pods =
    object.kind === "Pod" ? [object] : await cluster.list("v1", "Pod", namespace, selector, signal);
  const lines: string[] = [];
  for (const pod of pods.sort((a, b) => age(a).localeCompare(age(b)))) {
    const found = podTroubles(pod);
    const explained =
      found.length > 0 || isReady(pod) ? found : await warnings(cluster, namespace, pod, signal);
    lines.push(...explained.map((line) => `[Pod ${namespace}/${pod.metadata.name}]: ${line}`));
  }
  if (lines.length === 0) {
    lines.push(
      ...conditions(object, "ReplicaFailure"),
      ...(await warnings(cluster, namespace, object, signal)),
    );
  }
  return [...new Set(lines)];
}

export function selectorOf(object: KubernetesObject): string | undefined {
  if (
    !isObject(object.spec) ||
    !["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"].includes(object.kind)
  ) {
    return undefined;
  }
  const labels = isObject(object.spec.selector) ? object.spec.selector.matchLabels : undefined;
  return isObject(labels)
    ? Object.entries(labels)
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(",")
    : undefined;
}

export function podTroubles(pod: KubernetesObject): string[] {
  const status = isObject(pod.status) ? pod.status : {};
  const lines: string[] = [];
  for (const list of [status.initContainerStatuses, status.containerStatuses]) {
    for (const container of objects(list)) {
      const line = containerTrouble(container);
      if (line) {
        lines.push(line);
      }
    }
  }
  for (const condition of objects(status.conditions)) {
    if (condition.type === "PodScheduled" && condition.status === "False") {
      lines.push(`${text(condition.reason)}: ${text(condition.message)}`);
    }
  }
  if (lines.length === 0 && status.phase === "Failed") {
    lines.push(`${text(status.reason) || "Failed"}: ${text(status.message)}`);
  }
  return lines;
}

function containerTrouble(container: JsonObject): string | undefined {
  const state = isObject(container.state) ? container.state : {};
  const last = isObject(container.lastState) ? container.lastState : {};
  const name = `container ${text(container.name)}`;
  const ended = [state.terminated, last.terminated].find((end) => isObject(end) && end.exitCode !== 0);
  const ending = isObject(ended)
    ? `[${text(ended.reason)}] ${(text(ended.message).trim() || "no termination message").slice(0, LONGEST)} (exit code ${text(ended.exitCode)})`
    : undefined;
  const waiting = isObject(state.waiting) ? state.waiting : undefined;
  if (waiting && !["ContainerCreating", "PodInitializing"].includes(text(waiting.reason))) {
    return [`${name} waits: ${text(waiting.reason)}`, text(waiting.message), ending]
      .filter(Boolean)
      .join(": ");
  }
  return ending && `${name}: ${ending}`;
}

function isReady(pod: KubernetesObject): boolean {
  const status = isObject(pod.status) ? pod.status : {};
  return objects(status.conditions).some(
    (condition) => condition.type === "Ready" && condition.status === "True",
  );
}

function conditions(object: KubernetesObject, type: string): string[] {
  const status = isObject(object.status) ? object.status : {};
  return objects(status.conditions)
    .filter((condition) => condition.type === type && condition.status === "True")
    .map((condition) => `${text(condition.reason)}: ${text(condition.message)}`);
}

/** The newest warnings recorded for an object. */
async function warnings(
  cluster: Cluster,
  namespace: string,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<string[]> {
  const query = { fieldSelector: `involvedObject.uid=${text(object.metadata.uid)},type=Warning` };
  const list = (await cluster.request("GET", `/api/v1/namespaces/${namespace}/events`, {
    query,
    signal,
  })) as {
    items: JsonObject[];
  };
  // A startup probe fails until the process is up: that is what it is for.
  const unexpected = list.items.filter((event) => !text(event.message).startsWith("Startup probe failed"));
  return unexpected.slice(-3).map((event) => `${text(event.reason)}: ${text(event.message)}`);
}

function objects(list: Json | undefined): JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function text(value: Json | undefined): string {
  return value === undefined || value === null ? "" : String(value);
}

function age(object: KubernetesObject): string {
  return text(object.metadata.creationTimestamp);
}

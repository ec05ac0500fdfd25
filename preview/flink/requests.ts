import { parseQuantity } from "../../components/args/quantity";
import { type Change, type Json, kindOf, listAt, objectAt, textAt, at } from "../normal";

/** Resource requests of all pods of a stack, at their largest number. */
export interface Requests {
  cpu: number;
  memory: number;
}

const replicated = ["Deployment", "StatefulSet"];

/** @param most the largest number of pods of an autoscaled workload, by its namespace and name */
export function requestsOf(
  changes: readonly Change[],
  side: "before" | "after",
  most: ReadonlyMap<string, number>,
): Requests {
  const total = { cpu: 0, memory: 0 };
  for (const change of changes) {
    const inputs = change[side];
    if (!inputs || !replicated.includes(kindOf(change.type) ?? "")) continue;
    const replicas = most.get(workloadKey(inputs)) ?? Number(at(inputs, "spec", "replicas") ?? 1);
    const pod = podRequests(at(inputs, "spec", "template", "spec") ?? null);
    total.cpu += replicas * pod.cpu;
    total.memory += replicas * pod.memory;
  }
  return total;
}

export function workloadKey(inputs: Json): string {
  return `${textAt(inputs, "metadata", "namespace") ?? ""}/${textAt(inputs, "metadata", "name") ?? ""}`;
}

/**
 * Counts like the scheduler: containers and sidecars together, or a single init container if that needs more.
 */
function podRequests(spec: Json): Requests {
  const init = listAt(spec, "initContainers");
  const stays = (container: Json) => textAt(container, "restartPolicy") === "Always";
  const long = [...listAt(spec, "containers"), ...init.filter(stays)].map(requested);
  const short = init.filter((container) => !stays(container)).map(requested);
  const sum = (key: keyof Requests) => long.reduce((total, one) => total + one[key], 0);
  const largest = (key: keyof Requests) => Math.max(sum(key), ...short.map((one) => one[key]));
  return { cpu: largest("cpu"), memory: largest("memory") };
}

function requested(container: Json): Requests {
  const requests = objectAt(container, "resources", "requests");
  const quantity = (key: string) => parseQuantity(textAt(requests, key) ?? "0") ?? 0;
  return { cpu: quantity("cpu"), memory: quantity("memory") };
}

import { type Pod, quantityOf, type Value } from "../../core";

/** Every place of a pod that says how much there may be: of the pod as a whole, and of each container. */
export function resourcesOf(pod: Pod): Value[] {
  return [pod.spec.get("resources"), ...pod.containers.map((container) => container.get("resources"))];
}

/** Whether nothing is asked for, or a limit is none: left out, or zero. */
export function isNothing(quantity: Value): boolean {
  return quantity.isAbsent ? quantity.isMissing : quantityOf(quantity) === 0;
}

/** Whether the pod as a whole has a request or a limit, which is one for all its containers. A limit without a request is one, too. */
export function isOfPod(pod: Pod, list: "requests" | "limits", resource: string): boolean {
  const resources = pod.spec.get("resources");
  const lists = list === "requests" ? ["requests", "limits"] : ["limits"];
  return lists.some((name) => !isNothing(resources.get(name, resource)));
}

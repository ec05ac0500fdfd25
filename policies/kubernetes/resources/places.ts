import { type Pod, quantityOf, type Value } from "../../core";

/** The resources of the pod as a whole and of each container. */
export function resourcesOf(pod: Pod): Value[] {
  return [pod.spec.get("resources"), ...pod.containers.map((container) => container.get("resources"))];
}

/** Whether a request or limit is missing or zero. */
export function isNothing(quantity: Value): boolean {
  return quantity.isAbsent ? quantity.isMissing : quantityOf(quantity) === 0;
}

/** Whether the pod as a whole has a request or a limit. A limit is also the default request. */
export function isOfPod(pod: Pod, list: "requests" | "limits", resource: string): boolean {
  const resources = pod.spec.get("resources");
  const lists = list === "requests" ? ["requests", "limits"] : ["limits"];
  return lists.some((name) => !isNothing(resources.get(name, resource)));
}

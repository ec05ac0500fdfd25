import { JSONPath } from "jsonpath-plus";
import { hasCondition } from "./apply";
import type { Cluster, KubernetesObject } from "../kubernetes";
import { isObject, type Json, type JsonObject } from "../json";

/** Whether an object has become what it was created for. */
export type State =
  { state: "ready" } | { state: "waiting"; message: string } | { state: "failed"; message: string };

const READY: State = { state: "ready" };
const waiting = (message: string): State => ({ state: "waiting", message });
const failed = (message: string): State => ({ state: "failed", message });
const until = (done: boolean, message: string): State => (done ? READY : waiting(message));

/** Looks at a live object as the Pulumi provider's await logic does; kinds that have no notion of ready are so at once. */
export async function readiness(
  live: KubernetesObject,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<State> {
  const annotations = isObject(live.metadata.annotations) ? live.metadata.annotations : {};
  if (annotations["pulumi.com/skipAwait"] === "true") {
    return READY;
  }
  const waitFor = annotations["pulumi.com/waitFor"];
  if (typeof waitFor === "string") {
    return custom(live, waitFor);
  }
  const group = live.apiVersion.includes("/") ? live.apiVersion.split("/")[0] : "";
  switch (`${group}/${live.kind}`) {
    case "apps/Deployment":
      return deployment(live);
    case "apps/StatefulSet":
      return statefulSet(live);
    case "apps/DaemonSet":
      return daemonSet(live);
    case "batch/Job":
      return job(live);
    case "/Service":
      return service(live, cluster, signal);
    case "/Pod":
      return pod(live);
    case "/Namespace":
      return until(status(live).phase === "Active", "the namespace is not active yet");
    case "/PersistentVolumeClaim":
      return claim(live, cluster, signal);
    case "/PersistentVolume":
      return until(
        ["Available", "Bound"].includes(String(status(live).phase)),
        "the volume is not available yet",
      );
    case "networking.k8s.io/Ingress":
      return until(hasLoadBalancer(live), "no ingress controller has given it an address");
    case "apiextensions.k8s.io/CustomResourceDefinition":
      return until(hasCondition(live, "Established"), "the API server does not serve it yet");
    default:
      return READY;
  }
}

function status(live: KubernetesObject): JsonObject {
  return isObject(live.status) ? live.status : {};
}

function spec(live: KubernetesObject): JsonObject {
  return isObject(live.spec) ? live.spec : {};
}

function number(value: Json | undefined, otherwise = 0): number {
  return typeof value === "number" ? value : otherwise;
}

function observed(live: KubernetesObject): boolean {
  return number(status(live).observedGeneration) >= number(live.metadata.generation);
}

function deployment(live: KubernetesObject): State {
  if (!observed(live)) {
    return waiting("the deployment controller has not seen the change yet");
  }
  const { updatedReplicas, availableReplicas, replicas } = status(live);
  const wanted = number(spec(live).replicas, 1);
  if (number(updatedReplicas) < wanted) {
    return waiting(`${number(updatedReplicas)} of ${wanted} pods are of the new revision`);
  }
  if (number(replicas) > number(updatedReplicas)) {
    return waiting(`${number(replicas) - number(updatedReplicas)} pods of the old revision are still there`);
  }
  if (number(availableReplicas) < number(updatedReplicas)) {
    return waiting(`${number(availableReplicas)} of ${wanted} pods are available`);
  }
  return until(wanted === 0 || hasCondition(live, "Available"), "the deployment is not available yet");
}

function statefulSet(live: KubernetesObject): State {
  if (!observed(live)) {
    return waiting("the StatefulSet controller has not seen the change yet");
  }
  const { readyReplicas, updatedReplicas, currentRevision, updateRevision } = status(live);
  const wanted = number(spec(live).replicas, 1);
  const strategy = spec(live).updateStrategy;
  const rolls = !(isObject(strategy) && strategy.type === "OnDelete");
  if (rolls && currentRevision !== updateRevision && number(updatedReplicas) < wanted) {
    return waiting(`${number(updatedReplicas)} of ${wanted} pods are of the new revision`);
  }
  return until(number(readyReplicas) >= wanted, `${number(readyReplicas)} of ${wanted} pods are ready`);
}

function daemonSet(live: KubernetesObject): State {
  const { desiredNumberScheduled, updatedNumberScheduled, numberReady } = status(live);
  const wanted = number(desiredNumberScheduled);
  return until(
    observed(live) && number(updatedNumberScheduled) >= wanted && number(numberReady) >= wanted,
    `${number(numberReady)} of ${wanted} pods are ready`,
  );
}

function job(live: KubernetesObject): State {
  const { conditions, active, succeeded, failed: failures } = status(live);
  const verdict = (Array.isArray(conditions) ? conditions : []).find(
    (condition) => isObject(condition) && condition.type === "Failed" && condition.status === "True",
  );
  if (isObject(verdict)) {
    return failed(`the Job has failed: ${String(verdict.reason)}: ${String(verdict.message ?? "")}`);
  }
  return until(
    hasCondition(live, "Complete"),
    `the Job is not complete: ${number(active)} pods active, ${number(succeeded)} succeeded, ${number(failures)} failed`,
  );
}

function pod(live: KubernetesObject): State {
  const phase = status(live).phase;
  if (phase === "Failed") {
    return failed("the pod has failed");
  }
  return until(
    phase === "Succeeded" || hasCondition(live, "Ready"),
    `the pod is ${String(phase ?? "not started")}`,
  );
}

/** Unlike the provider this does not wait ten more seconds for endpoints to settle. */
async function service(live: KubernetesObject, cluster: Cluster, signal: AbortSignal): Promise<State> {
  const { type, clusterIP, selector, publishNotReadyAddresses } = spec(live);
  if (type === "LoadBalancer") {
    return until(hasLoadBalancer(live), "no load balancer has given it an address");
  }
  if (
    type === "ExternalName" ||
    clusterIP === "None" ||
    !isObject(selector) ||
    publishNotReadyAddresses === true
  ) {
    return READY;
  }
  const label = `kubernetes.io/service-name=${live.metadata.name}`;
  const slices = await cluster.list(
    "discovery.k8s.io/v1",
    "EndpointSlice",
    live.metadata.namespace!,
    label,
    signal,
  );
  const unready = slices
    .flatMap((slice) => (Array.isArray(slice.endpoints) ? slice.endpoints : []))
    .filter(
      (endpoint) =>
        isObject(endpoint) && isObject(endpoint.conditions) && endpoint.conditions.ready === false,
    );
  return until(unready.length === 0, `${unready.length} of its pods are not ready`);
}

/** A claim of a class that binds when a pod first uses it may stay pending: waiting for the pod would never end. */
async function claim(live: KubernetesObject, cluster: Cluster, signal: AbortSignal): Promise<State> {
  if (status(live).phase === "Bound") {
    return READY;
  }
  const name = spec(live).storageClassName;
  const storageClass =
    typeof name === "string" && name !== ""
      ? await cluster.get({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", name }, signal)
      : undefined;
  return until(
    storageClass?.volumeBindingMode === "WaitForFirstConsumer",
    `the claim is ${String(status(live).phase ?? "Pending")}: no volume is bound to it`,
  );
}

function hasLoadBalancer(live: KubernetesObject): boolean {
  const balancer = status(live).loadBalancer;
  return isObject(balancer) && Array.isArray(balancer.ingress) && balancer.ingress.length > 0;
}

/** `pulumi.com/waitFor`: one expression or a JSON array of them, all of which must hold. It replaces the built-in rule. */
function custom(live: KubernetesObject, annotation: string): State {
  for (const expression of expressions(annotation)) {
    if (!holds(live, expression)) {
      return waiting(`waiting for ${expression}`);
    }
  }
  return READY;
}

function expressions(annotation: string): string[] {
  return annotation.trim().startsWith("[") ? (JSON.parse(annotation) as string[]) : [annotation];
}

export function holds(live: KubernetesObject, expression: string): boolean {
  const condition = /^condition=([^=]+)(?:=(.*))?$/.exec(expression);
  if (condition) {
    return hasCondition(live, condition[1]!, condition[2] ?? "True");
  }
  const path = /^jsonpath=\{(.*)\}(?:=(.*))?$/s.exec(expression);
  if (!path) {
    throw new Error(
      `pulumi.com/waitFor: "${expression}" is neither condition=Type[=Status] nor jsonpath={.path}[=value].`,
    );
  }
  const found = JSONPath({ path: "$" + path[1]!, json: live, wrap: true, eval: "safe" }) as Json[];
  return path[2] === undefined ? found.length > 0 : found.some((value) => String(value) === path[2]);
}

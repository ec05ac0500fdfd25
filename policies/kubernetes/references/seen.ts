import { nearest } from "../../../components/flink/nearest";
import { type Pod, type Resource, sameNamespace, type Stack, type Value } from "../../core";

/**
 * Whether this stack contains all objects of a namespace, as far as is known: the stack creates the
 * namespace, and nothing in it creates objects that Pulumi does not see. Elsewhere a missing object may
 * belong to another stack, or exist already.
 */
function isAllSeen(stack: Stack, near: Resource): boolean {
  const name = near.metadata.get("namespace").text();
  return name !== undefined && stack.once(`all seen ${name}`, () => isAllOf(stack, name, near));
}

function isAllOf(stack: Stack, name: string, near: Resource): boolean {
  const own = stack.named("/Namespace", name).filter(({ isPatch }) => !isPatch);
  if (own.length === 0 || stack.kinds("helm.sh/Release").length > 0) return false;
  return !stack.resources.some((other) => isOfOthers(other) && sameNamespace(other, near) !== false);
}

/**
 * Whether it is a custom resource, whose controller may create objects of any kind. Kubernetes' own groups
 * have no dot, or one of these ends.
 */
export function isOfOthers({ group = "" }: Resource): boolean {
  return group.includes(".") && !/(^|\.)k8s\.io$|^helm\.sh$/.test(group);
}

/**
 * Objects of a kind and name in the namespace of another object. There may be more if names or namespaces are
 * unknown.
 */
export function inSameNamespace(
  stack: Stack,
  kind: string,
  name: string,
  near: Resource,
): { found: Resource[]; mayBeMore: boolean } {
  const nameless = stack.once(`nameless ${kind}`, () =>
    stack.kinds(kind).filter(({ objectName }) => objectName === undefined),
  );
  const named = stack.named(kind, name).map((one) => [one, sameNamespace(one, near)] as const);
  const found = named.filter(([, isNear]) => isNear === true).map(([one]) => one);
  const isHidden = named.some(([, isNear]) => isNear === undefined);
  return { found, mayBeMore: isHidden || nameless.some((one) => sameNamespace(one, near) !== false) };
}

/** Whether a namespace whose objects are all in this stack certainly lacks an object of a kind and name. */
export function isMissing(stack: Stack, kind: string, name: string, near: Resource): boolean {
  if (!isAllSeen(stack, near)) return false;
  const { found, mayBeMore } = inSameNamespace(stack, kind, name, near);
  return found.length === 0 && !mayBeMore;
}

/** The stack's pods that an object of their namespace selects by labels; undefined if uncertain for some. */
export function selectedPods(
  stack: Stack,
  near: Resource,
  isSelected: (labels: Value) => boolean | undefined,
): Pod[] | undefined {
  const pods: Pod[] = [];
  let isSure = true;
  for (const { pod, resource } of stack.pods) {
    const isNear = sameNamespace(resource, near);
    if (isNear === false) continue;
    const isMeant = isSelected(pod.metadata.get("labels"));
    // Flink adds labels and ports to the pods of its custom resources, and a patch is only a part of a pod.
    const isWhole = pod.role === undefined && !resource.isPatch;
    if (isMeant === false && isWhole) continue;
    if (isNear === true && isMeant === true && isWhole) pods.push(pod);
    else isSure = false;
  }
  return isSure ? pods : undefined;
}

/**
 * Whether a selector matches the labels of a pod in its namespace except for a typing mistake in one value.
 * A selector without pods may be for future pods, so nothing else shows that it is wrong.
 */
export function isMisspelt(stack: Stack, near: Resource, selector: Value): boolean {
  const expressions = selector.get("matchExpressions");
  const wanted = selector.get("matchLabels").entries();
  if ([selector, expressions].some((value) => value.isUnknown) || expressions.list().length > 0) return false;
  return stack.pods.some(({ pod, resource }) => {
    if (sameNamespace(resource, near) !== true) return false;
    const pairs = wanted.map(
      ([key, value]) => [value.text(), pod.metadata.get("labels", key).text()] as const,
    );
    const others = pairs.filter(([mine, own]) => mine !== own);
    return others.length === 1 && isSlip(...others[0]!);
  });
}

function isSlip(mine: string | undefined, own: string | undefined): boolean {
  if (mine === undefined || own === undefined || mine.length < 3) return false;
  // web1 and web2 are different names.
  const [a, b] = [mine, own].map((text) => text.replaceAll(/\d+/g, ""));
  return a !== b && nearest(mine, [own], mine.length < 8 ? 1 : 2) !== undefined;
}

import { kubernetesDocs, type Pod, type Resource, stackRule, type Value } from "../../core";
import { inSameNamespace } from "./seen";

export const secretKeys = stackRule({
  name: "secret-keys",
  description: "Keys that pods read from Secrets and ConfigMaps of the stack exist.",
  remediation:
    "Correct the key, or add it to the Secret or ConfigMap. Write optional: true if the pod does not need it.",
  reference: kubernetesDocs("ConfigMaps", "concepts/configuration/configmap/"),
  why: "A container with a variable from a missing key never starts (CreateContainerConfigError), and neither does a pod with such a volume. The rule skips objects outside of the stack. It also skips objects that something else fills: without data, with an annotation for injection, or with ignoreChanges.",
  level: "mandatory",
  severity: "medium",
  applies: (stack) => stack.pods.length > 0 && stack.kinds("/Secret", "/ConfigMap").length > 0,
  check(stack, run) {
    for (const { pod, resource } of stack.pods) {
      for (const { kind, name, key, optional } of usesOf(pod)) {
        const [object, wanted] = [name.text(), key.text()];
        if (object === undefined || wanted === undefined || optional.boolean() === true) continue;
        if (optional.isUnknown) continue;
        const { found, mayBeMore } = inSameNamespace(stack, kind, object, resource);
        if (mayBeMore || found.length === 0) continue;
        if (found.some((one) => hasKey(one, wanted) !== false)) continue;
        run.violation(key, {
          expected: `a key of the ${kind.slice(1)} ${object}: ${keysOf(found[0]!).join(", ")}`,
          fix: "Correct the key, or add it there.",
        });
      }
    }
  },
});

/** A key of a Secret or a ConfigMap that a pod uses. */
interface Use {
  kind: "/Secret" | "/ConfigMap";
  name: Value;
  key: Value;
  optional: Value;
}

function usesOf(pod: Pod): Use[] {
  const variables = pod.containers.flatMap((container) => container.get("env").list());
  const volumes = pod.spec.get("volumes").list();
  const projected = volumes.flatMap((volume) => volume.get("projected", "sources").list());
  return [
    ...variables.flatMap((variable) => [
      keyIn("/Secret", variable.get("valueFrom", "secretKeyRef")),
      keyIn("/ConfigMap", variable.get("valueFrom", "configMapKeyRef")),
    ]),
    ...volumes.flatMap((volume) => [
      ...itemsIn("/Secret", volume.get("secret"), "secretName"),
      ...itemsIn("/ConfigMap", volume.get("configMap"), "name"),
    ]),
    ...projected.flatMap((source) => [
      ...itemsIn("/Secret", source.get("secret"), "name"),
      ...itemsIn("/ConfigMap", source.get("configMap"), "name"),
    ]),
  ];
}

function keyIn(kind: Use["kind"], reference: Value): Use {
  const [name, key, optional] = ["name", "key", "optional"].map((field) => reference.get(field));
  return { kind, name: name!, key: key!, optional: optional! };
}

function itemsIn(kind: Use["kind"], source: Value, naming: string): Use[] {
  const [name, optional] = [source.get(naming), source.get("optional")];
  return source
    .get("items")
    .list()
    .map((item) => ({ kind, name, key: item.get("key"), optional }));
}

const fields = ["data", "stringData", "binaryData"];

function keysOf({ props }: Resource): string[] {
  return fields.flatMap((field) =>
    props
      .get(field)
      .entries()
      .map(([key]) => key),
  );
}

/** Whether an object has a key: undefined while unknown, and if something else may fill the object. */
function hasKey(object: Resource, wanted: string): boolean | undefined {
  const keys = keysOf(object);
  if (keys.includes(wanted)) return true;
  const labels = ["labels", "annotations"].map((field) => object.metadata.get(field));
  const isFilled =
    object.isPatch ||
    keys.length === 0 ||
    object.props.get("type").text() === "kubernetes.io/service-account-token" ||
    object.ignoreChanges.some((path) => /^(data|stringData|binaryData)/.test(path)) ||
    labels.some((map) => map.entries().some(([key]) => key.includes("inject")));
  const values = [object.props.get("type"), ...labels, ...fields.map((field) => object.props.get(field))];
  return isFilled || values.some((value) => value.isUnknown) ? undefined : false;
}

import { kubernetesDocs, type Resource, stackRule, type Value } from "../../core";
import { ingressKinds } from "./ingresses";

/** Annotations by which some controllers let several objects share a host and a path. */
const shared = ["nginx.ingress.kubernetes.io/canary", "nginx.org/mergeable-ingress-type"];

export const ingressConflicts = stackRule({
  name: "ingress-conflicts",
  description: "Only one Ingress has a given host and path.",
  remediation: "Remove one of the two, or give it another host or path.",
  reference: kubernetesDocs("Ingress, path types", "concepts/services-networking/ingress/#path-types"),
  why: "If two objects claim the same host and path, the controller uses one of them, often the older. Requests may go to an unexpected Service, and the target may change when an object is recreated.",
  level: "advisory",
  severity: "medium",
  applies: (stack) => stack.kinds(...ingressKinds).length > 0,
  check(stack, run) {
    const taken = new Map<string, string>();
    for (const ingress of stack.kinds(...ingressKinds)) {
      if (ingress.isPatch || isShared(ingress)) continue;
      const name = `${ingress.kind} ${ingress.objectName ?? ingress.name}`;
      for (const { key, at } of placesOf(ingress)) {
        const other = taken.get(key);
        if (other === undefined) taken.set(key, name);
        else
          run.violation(at, {
            expected: "a host and path that no other object has",
            fix: `${other} has them already: remove one of the two.`,
          });
      }
    }
  },
});

function isShared(ingress: Resource): boolean {
  const annotations = shared.map((key) => ingress.annotation(key));
  return annotations.some((value) => value.isUnknown || !value.isAbsent);
}

/** The known hosts and paths of an Ingress. */
function placesOf(ingress: Resource): { key: string; at: Value }[] {
  const kind = [ingress.spec.get("ingressClassName"), ingress.annotation("kubernetes.io/ingress.class")];
  return ingress.spec
    .get("rules")
    .list()
    .flatMap((rule) =>
      rule
        .get("http", "paths")
        .list()
        .flatMap((path) => {
          const [host, own, type] = [rule.get("host"), path.get("path"), path.get("pathType")];
          if ([...kind, host, own, type].some((value) => value.isUnknown)) return [];
          const texts = [
            ...kind.map((value) => value.text()),
            host.text()?.toLowerCase(),
            own.text() ?? "/",
            type.text(),
          ];
          return [{ key: JSON.stringify(texts), at: own }];
        }),
    );
}

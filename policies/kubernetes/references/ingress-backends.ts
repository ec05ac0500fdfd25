import { kubernetesDocs, type Resource, stackRule, type Value } from "../../core";
import { ingressKinds } from "../network/ingresses";
import { inSameNamespace } from "./seen";

export const ingressBackends = stackRule({
  name: "ingress-backends",
  description: "An Ingress names a port that its Service has.",
  remediation: "Write the name or the number of a port of the Service.",
  reference: kubernetesDocs(
    "Ingress, resource backends",
    "concepts/services-networking/ingress/#resource-backend",
  ),
  why: "An Ingress names a port of the Service by its name or number. If the Service does not have it, every request of that path gets a 503, without any other error. The rule skips Services outside of the stack.",
  level: "mandatory",
  severity: "medium",
  applies: (stack) => stack.kinds(...ingressKinds).length > 0,
  check(stack, run) {
    for (const ingress of stack.kinds(...ingressKinds)) {
      for (const { name, ports } of backendsOf(ingress)) {
        const text = name.text();
        const given = ports.find((port) => !port.isAbsent);
        const port = given?.scalar();
        // With this name, some controllers read the backend from an annotation.
        if (text === undefined || given === undefined || port === undefined || port === "use-annotation")
          continue;
        const { found, mayBeMore } = inSameNamespace(stack, "/Service", text, ingress);
        if (found.length === 0 || mayBeMore) continue;
        if (found.some((service) => service.isPatch || hasServicePort(service, port) !== false)) continue;
        run.violation(given, { expected: `a port of the Service ${text}`, fix: "Correct it." });
      }
    }
  },
});

interface Backend {
  name: Value;
  /** Where its port may be written. */
  ports: Value[];
}

function backendsOf(ingress: Resource): Backend[] {
  const paths = ingress.spec
    .get("rules")
    .list()
    .flatMap((rule) => rule.get("http", "paths").list());
  const all = [
    ingress.spec.get("defaultBackend"),
    ingress.spec.get("backend"),
    ...paths.map((path) => path.get("backend")),
  ];
  return all.flatMap((backend) => [
    {
      name: backend.get("service", "name"),
      ports: ["number", "name"].map((how) => backend.get("service", "port", how)),
    },
    // As before networking.k8s.io/v1.
    { name: backend.get("serviceName"), ports: [backend.get("servicePort")] },
  ]);
}

/** Whether a Service has a port of this name or number: undefined while that is unknown. */
function hasServicePort(service: Resource, wanted: string): boolean | undefined {
  const ports = service.spec.get("ports");
  const own = ports.list().flatMap((port) => [port.get("name"), port.get("port")]);
  if (own.some((value) => value.scalar() === wanted)) return true;
  return [service.spec, ports, ...own].some((value) => value.isUnknown) ? undefined : false;
}

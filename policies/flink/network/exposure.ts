import { PORTS } from "../../../components/flink/defaults";
import { type Resource, sameNamespace, selectsLabels, type Stack, type Value } from "../../core";
import type { FlinkCluster } from "../reading/clusters";

/** A way from outside the Kubernetes cluster to a port of Flink. */
export interface Exposure {
  at: Value;
  /** What is there, in words. */
  what: string;
  /** Annotations that may say who asks for a password in front of it. */
  annotations: Value;
}

/** Services that select the pods of a resource, as far as is known. */
export function servicesOf(stack: Stack, labels: Value, resource: Resource): Resource[] {
  return stack.kinds("/Service").filter((service) => {
    if (service.isPatch || sameNamespace(service, resource) === false) return false;
    const selector = service.spec.get("selector");
    return selector.isPresent && selectsLabels(selector, labels) === true;
  });
}

/** Ports of a Service that lead to a port of a container, by number or name. */
export function portsTo(service: Resource, number: number, ...names: string[]): Value[] {
  return service.spec
    .get("ports")
    .list()
    .filter((port) => {
      const target = port.get("targetPort").isPresent ? port.get("targetPort") : port.get("port");
      const text = target.scalar();
      return text === String(number) || (text !== undefined && names.includes(text));
    });
}

const routes = ["HTTPRoute", "TCPRoute", "TLSRoute", "GRPCRoute"];

/** Ways to Services from outside: their own type, Ingresses and routes. */
export function waysTo(stack: Stack, services: readonly Resource[], number: number): Exposure[] {
  return services.flatMap((service): Exposure[] => {
    const ports = portsTo(service, number, "rest", "ui", "webui", "web", "http");
    if (ports.length === 0) return [];
    const type = service.spec.get("type");
    const annotations = service.metadata.get("annotations");
    const own = ["LoadBalancer", "NodePort"].includes(type.text() ?? "")
      ? [{ at: type, what: `a ${type.text()} in front of port ${number} of Flink`, annotations }]
      : [];
    return [...own, ...ingressesTo(stack, service), ...routesTo(stack, service)];
  });
}

function ingressesTo(stack: Stack, service: Resource): Exposure[] {
  return stack.kinds("Ingress").flatMap((ingress) => {
    if (sameNamespace(ingress, service) === false) return [];
    const paths = ingress.spec
      .get("rules")
      .list()
      .flatMap((rule) => rule.get("http", "paths").list())
      .map((path) => path.get("backend"));
    const backends = [ingress.spec.get("defaultBackend"), ...paths];
    return backends.flatMap((backend): Exposure[] => {
      const name = backend.get("service", "name");
      if (service.objectName === undefined || name.text() !== service.objectName) return [];
      return [
        {
          at: name,
          what: "Flink's REST API behind an Ingress",
          annotations: ingress.metadata.get("annotations"),
        },
      ];
    });
  });
}

function routesTo(stack: Stack, service: Resource): Exposure[] {
  return stack.kinds(...routes.map((kind) => `gateway.networking.k8s.io/${kind}`)).flatMap((route) => {
    if (sameNamespace(route, service) === false) return [];
    return route.spec
      .get("rules")
      .list()
      .flatMap((rule) => rule.get("backendRefs").list())
      .flatMap((backend): Exposure[] => {
        const name = backend.get("name");
        if (service.objectName === undefined || name.text() !== service.objectName) return [];
        return [
          {
            at: name,
            what: "Flink's REST API behind a Gateway",
            annotations: route.metadata.get("annotations"),
          },
        ];
      });
  });
}

/** How a cluster's REST API is reached from outside. */
export function exposuresOf(stack: Stack, cluster: FlinkCluster): Exposure[] {
  const { jobManager, configuration } = cluster;
  if (!jobManager) return [];
  const { resource, pod, isCustom } = jobManager;
  const port = Number(configuration.text("rest.port") ?? PORTS.rest);
  const services = servicesOf(stack, pod.metadata.get("labels"), resource);
  const byOption = configuration.get("kubernetes.rest-service.exposed.type");
  const found = waysTo(stack, services, port);
  if (byOption && ["LoadBalancer", "NodePort"].includes(byOption.text)) {
    const annotations = resource.metadata.get("annotations");
    found.push({ at: byOption.at, what: `setting ${byOption.key} to ${byOption.text}`, annotations });
  }
  const ingress = isCustom ? resource.spec.get("ingress") : undefined;
  if (ingress?.isPresent === true)
    found.push({
      at: ingress,
      what: "an Ingress of the Flink operator",
      annotations: ingress.get("annotations"),
    });
  return found;
}

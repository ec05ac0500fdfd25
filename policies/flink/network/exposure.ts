import { PORTS } from "../../../components/flink/defaults";
import { groupBy, type Resource, sameNamespace, selectsLabels, type Stack, type Value } from "../../core";
import type { FlinkCluster } from "../reading/clusters";

/** A way from outside the Kubernetes cluster to a port of Flink. */
export interface Exposure {
  at: Value;
  /** Description of the exposure. */
  what: string;
  /** Annotations that may show authentication in front of it. */
  annotations: Value;
}

/** Services that are known to select the pods of a resource. */
export function servicesOf(stack: Stack, labels: Value, resource: Resource): Resource[] {
  return stack
    .selecting("/Service", (service) => service.spec.get("selector"), labels)
    .filter((service) => {
      if (service.isPatch || sameNamespace(service, resource) !== true) return false;
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

/** The part of Flink behind a port. */
export interface Behind {
  port: number;
  /** Names that the port of a Service may have. */
  names: readonly string[];
  /** Its description. */
  what: string;
}

const rest = { names: ["rest", "ui", "webui", "web", "http"], what: "Flink's REST API" };

/** Ways to Services from outside: their own type, Ingresses and routes. */
export function waysTo(stack: Stack, services: readonly Resource[], behind: Behind): Exposure[] {
  return services.flatMap((service): Exposure[] => {
    const ports = portsTo(service, behind.port, ...behind.names);
    if (ports.length === 0) return [];
    const type = service.spec.get("type");
    const annotations = service.metadata.get("annotations");
    const own = ["LoadBalancer", "NodePort"].includes(type.text() ?? "")
      ? [{ at: type, what: `a ${type.text()} in front of ${behind.what}`, annotations }]
      : [];
    return [...own, ...behindFronts(stack, service, ports, behind.what)];
  });
}

/** Whether a backend uses one of these ports of a Service, by number or name. One without a port may. */
function isTo(ports: readonly Value[], number: Value, name?: Value): boolean {
  const wanted = number.scalar() ?? name?.text();
  if (wanted === undefined) return ![number, name].some((value) => value?.isUnknown === true);
  return ports.some((port) => port.get("port").scalar() === wanted || port.get("name").text() === wanted);
}

interface Backend {
  /** The Ingress or route. */
  front: Resource;
  name: Value;
  number: Value;
  portName?: Value;
}

/** Backends of Ingresses, by the Service's name. */
function ingressBackends(stack: Stack): Map<string, Backend[]> {
  const all = stack.kinds("Ingress").flatMap((front) => {
    const paths = front.spec
      .get("rules")
      .list()
      .flatMap((rule) => rule.get("http", "paths").list())
      .map((path) => path.get("backend"));
    return [front.spec.get("defaultBackend"), ...paths].map((backend): Backend => {
      const port = backend.get("service", "port");
      return {
        front,
        name: backend.get("service", "name"),
        number: port.get("number"),
        portName: port.get("name"),
      };
    });
  });
  return byService(all);
}

/** Backends of Gateway routes, by the Service's name. */
function routeBackends(stack: Stack): Map<string, Backend[]> {
  const all = stack.kinds(...routes.map((kind) => `gateway.networking.k8s.io/${kind}`)).flatMap((front) =>
    front.spec
      .get("rules")
      .list()
      .flatMap((rule) => rule.get("backendRefs").list())
      .map((backend): Backend => ({ front, name: backend.get("name"), number: backend.get("port") })),
  );
  return byService(all);
}

function byService(all: readonly Backend[]): Map<string, Backend[]> {
  return groupBy(all, ({ name }) => (name.text() === undefined ? [] : [name.text()!]));
}

function behindFronts(stack: Stack, service: Resource, ports: readonly Value[], what: string): Exposure[] {
  const name = service.objectName;
  if (name === undefined) return [];
  const kinds = [
    ["an Ingress", stack.once("backends of Ingresses", () => ingressBackends(stack))],
    ["a Gateway", stack.once("backends of routes", () => routeBackends(stack))],
  ] as const;
  return kinds.flatMap(([kind, backends]) =>
    (backends.get(name) ?? [])
      .filter(({ front }) => sameNamespace(front, service) !== false)
      .filter(({ number, portName }) => isTo(ports, number, portName))
      .map(({ front, name: at }) => ({
        at,
        what: `${what} behind ${kind}`,
        annotations: front.metadata.get("annotations"),
      })),
  );
}

/** Ways to a cluster's REST API from outside. */
export function exposuresOf(stack: Stack, cluster: FlinkCluster): Exposure[] {
  const { jobManager, configuration } = cluster;
  if (!jobManager) return [];
  const { resource, pod, isCustom } = jobManager;
  const port = Number(configuration.text("rest.port") ?? PORTS.rest);
  const services = servicesOf(stack, pod.metadata.get("labels"), resource);
  const byOption = configuration.get("kubernetes.rest-service.exposed.type");
  const found = waysTo(stack, services, { ...rest, port });
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

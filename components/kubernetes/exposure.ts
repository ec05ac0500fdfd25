import type { core, networking } from "@pulumi/kubernetes/types/input";
import type { ExposureModel } from "../args/check-exposure";
import type { ExposedServiceArgs, HttpRouteArgs, IngressArgs } from "../args/exposure";
import type { ClusterModel } from "../args/model";
import { objectLabels, objectName, ports, selectorLabels } from "../names";
import { restServiceName } from "./services";
import type { CustomObject } from "./tls";

function metadata(model: ClusterModel, annotations: Record<string, string> = {}) {
  return {
    name: objectName(model.name, "rest"),
    namespace: model.namespace.name,
    labels: objectLabels(model.name, "jobmanager"),
    annotations,
  };
}

/**
 * An additional Service that exposes the REST API outside. The load balancer assigns its address, and the
 * update does not wait for it.
 */
export function exposedService(model: ClusterModel, service: ExposedServiceArgs) {
  const { type, annotations, port = ports.rest, nodePort, loadBalancerClass, sourceRanges } = service;
  const own = metadata(model, { "pulumi.com/skipAwait": "true", ...annotations });
  return {
    metadata: { ...own, name: objectName(model.name, "rest-external") },
    spec: {
      type,
      selector: selectorLabels(model.name, "jobmanager"),
      ports: [
        {
          name: "rest",
          port,
          targetPort: "rest",
          protocol: "TCP",
          ...(nodePort === undefined ? {} : { nodePort }),
        },
      ],
      ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
      ...(sourceRanges === undefined ? {} : { loadBalancerSourceRanges: sourceRanges }),
    },
  } satisfies core.v1.Service;
}

/**
 * The Ingress in front of the REST API. Its controller, if any, assigns the address, and the update does not
 * wait for it.
 */
export function restIngress(model: ClusterModel, { host, path }: ExposureModel, ingress: IngressArgs) {
  const service = { name: restServiceName(model.name), port: { name: "rest" } };
  // Only the controller knows how to read a regular expression.
  const pathType = path.includes("(") ? "ImplementationSpecific" : "Prefix";
  return {
    metadata: metadata(model, { "pulumi.com/skipAwait": "true", ...ingress.annotations }),
    spec: {
      ...(ingress.className === undefined ? {} : { ingressClassName: ingress.className }),
      ...(ingress.tlsSecret === undefined ? {} : { tls: [{ hosts: [host], secretName: ingress.tlsSecret }] }),
      rules: [{ host, http: { paths: [{ path, pathType, backend: { service } }] } }],
    },
  } satisfies networking.v1.Ingress;
}

/**
 * The route of the Gateway API. If the REST API uses TLS, also the policy with which the Gateway verifies it.
 */
export function restRoute(
  model: ClusterModel,
  { host, path }: ExposureModel,
  route: HttpRouteArgs,
): Record<string, CustomObject> {
  const name = restServiceName(model.name);
  const http: CustomObject = {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: metadata(model, route.annotations),
    spec: {
      parentRefs: route.parents.map(({ name: gateway, namespace, listener }) => ({
        name: gateway,
        ...(namespace === undefined ? {} : { namespace }),
        ...(listener === undefined ? {} : { sectionName: listener }),
      })),
      hostnames: [host],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: path } }],
          // Flink serves at /, whatever the external path is.
          ...(path === "/" ? {} : { filters: [stripPrefix] }),
          backendRefs: [{ name, port: ports.rest }],
        },
      ],
    },
  };
  if (route.backendCaConfigMap === undefined || !model.tls?.rest) return { route: http };
  const policy: CustomObject = {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "BackendTLSPolicy",
    metadata: metadata(model),
    spec: {
      targetRefs: [{ group: "", kind: "Service", name }],
      validation: {
        hostname: `${name}.${model.namespace.name}.svc`,
        caCertificateRefs: [{ group: "", kind: "ConfigMap", name: route.backendCaConfigMap }],
      },
    },
  };
  return { route: http, "backend-tls": policy };
}

const stripPrefix = {
  type: "URLRewrite",
  urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } },
};

import { type PeerArgs, peerShape } from "./network";
import type { ShapeOf } from "./shape";

/** How a Service is reached from outside the Kubernetes cluster. */
export const ExposedServiceType = {
  /** Through an address from the cloud or the Kubernetes cluster's load balancer. */
  LoadBalancer: "LoadBalancer",
  /** Through a port on every node. */
  NodePort: "NodePort",
} as const;
export type ExposedServiceType = (typeof ExposedServiceType)[keyof typeof ExposedServiceType];

/**
 * Makes the REST API and web UI reachable from outside the Kubernetes cluster: by an Ingress, a route of the
 * Gateway API or a Service. Flink has no login, and anybody who reaches the REST API can run code in the
 * cluster. So a component in front of it must authenticate.
 */
export interface ExposureArgs {
  /**
   * Host name, such as `flink.example.com`. Required with `ingress` and `httpRoute`. With `service`, it is
   * added to the certificate that cert-manager issues.
   */
  host?: string;

  /**
   * Path prefix. The component in front must strip it, since Flink serves at `/`: a route of the Gateway API
   * does, an Ingress needs an annotation. For ingress-nginx write `/flink(/|$)(.*)` with the annotation
   * `rewrite-target: /$2`. Default: `/`.
   */
  path?: string;

  /** Exposes it through an Ingress. Give one of `ingress`, `httpRoute` and `service`. */
  ingress?: IngressArgs;

  /** Exposes it through a Gateway. Give one of `ingress`, `httpRoute` and `service`. */
  httpRoute?: HttpRouteArgs;

  /**
   * Exposes it through a separate Service of type LoadBalancer or NodePort. Nothing in front of it asks for a
   * login, so use `tls.rest` with `clientAuthentication`, or name the login in `authenticatedBy`. Give one of
   * `ingress`, `httpRoute` and `service`.
   */
  service?: ExposedServiceArgs;

  /**
   * The pods of the Ingress controller or the Gateway; with `service`, the client addresses. The
   * NetworkPolicy lets them reach the REST API. Required unless `network.policies` is false or `network.rest`
   * lists them.
   */
  controller?: PeerArgs;

  /**
   * What authenticates clients, if the annotations of the Ingress do not show it: for example
   * `SecurityPolicy oidc`, or a proxy in front of the controller. This text is not verified.
   */
  authenticatedBy?: string;

  /**
   * Confirms that the missing login is intended: anybody who reaches the REST API can run code. Default:
   * false.
   */
  anybodyMayRunCode?: boolean;

  /**
   * Confirms that unencrypted traffic is intended: everybody on the network path can read and change it.
   * Default: false.
   */
  anybodyMayListen?: boolean;
}

/** An Ingress for the REST API. */
export interface IngressArgs {
  /** Name of the IngressClass. Default: the Kubernetes cluster's default class. */
  className?: string;

  /** Name of the Secret with the certificate for the host (`tls.crt`, `tls.key`). Default: none. */
  tlsSecret?: string;

  /**
   * Annotations for the controller. These count as authentication: those of ingress-nginx (`auth-url`,
   * `auth-type`, `auth-tls-secret`), HAProxy, and AWS (`auth-type`). Default: none.
   */
  annotations?: { [annotation: string]: string };
}

/** A Service that exposes the REST API outside the Kubernetes cluster. */
export interface ExposedServiceArgs {
  /** `LoadBalancer` or `NodePort`. */
  type: ExposedServiceType;

  /**
   * Annotations for the load balancer, for example those that make it an internal one. A certificate of AWS'
   * load balancer (`aws-load-balancer-ssl-cert`) counts as TLS. Default: none.
   */
  annotations?: { [annotation: string]: string };

  /** Port of the Service. Default: 8081. */
  port?: number;

  /** Node port, from 30000 to 32767. Default: Kubernetes chooses one. */
  nodePort?: number;

  /**
   * Class of the load balancer, if there are several (`loadBalancerClass`). Default: the Kubernetes
   * cluster's.
   */
  loadBalancerClass?: string;

  /** CIDR blocks that the load balancer accepts, if it supports this. Default: all. */
  sourceRanges?: string[];
}

/** An HTTPRoute for the REST API. */
export interface HttpRouteArgs {
  /** The Gateways, with their listeners. */
  parents: GatewayArgs[];

  /** Confirms that the listeners terminate TLS, which a route does not show. Default: false. */
  listenersUseTls?: boolean;

  /**
   * Name of a ConfigMap with `ca.crt`, the certificate authority of the REST API. The Gateway verifies the
   * REST API with it (a BackendTLSPolicy). Required when `tls.rest` is on. Default: none.
   */
  backendCaConfigMap?: string;

  /** Annotations on the route. Default: none. */
  annotations?: { [annotation: string]: string };
}

/** A Gateway, optionally with one of its listeners. */
export interface GatewayArgs {
  /** Name of the Gateway. */
  name: string;

  /** Namespace of the Gateway. Default: the cluster's. */
  namespace?: string;

  /** Name of the listener. Default: every listener of the Gateway that accepts the host. */
  listener?: string;
}

const ingress: ShapeOf<IngressArgs> = { className: "text", tlsSecret: "text", annotations: "textMap" };

const gateway: ShapeOf<GatewayArgs> = { name: "text", namespace: "text", listener: "text" };

const httpRoute: ShapeOf<HttpRouteArgs> = {
  parents: { list: gateway },
  listenersUseTls: "boolean",
  backendCaConfigMap: "text",
  annotations: "textMap",
};

const service: ShapeOf<ExposedServiceArgs> = {
  type: "text",
  annotations: "textMap",
  port: "number",
  nodePort: "number",
  loadBalancerClass: "text",
  sourceRanges: "textList",
};

export const exposureShape: ShapeOf<ExposureArgs> = {
  host: "text",
  path: "text",
  ingress: { object: ingress },
  httpRoute: { object: httpRoute },
  service: { object: service },
  controller: { object: peerShape },
  authenticatedBy: "text",
  anybodyMayRunCode: "boolean",
  anybodyMayListen: "boolean",
};

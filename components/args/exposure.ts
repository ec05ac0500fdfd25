import { type PeerArgs, peerShape } from "./network";
import type { ShapeOf } from "./shape";

/** How a Service is reached from outside of the Kubernetes cluster. */
export const ExposedServiceType = {
  /** By an address that the cloud or the cluster's load balancer gives it. */
  LoadBalancer: "LoadBalancer",
  /** By a port of every node. */
  NodePort: "NodePort",
} as const;
export type ExposedServiceType = (typeof ExposedServiceType)[keyof typeof ExposedServiceType];

/**
 * Makes the REST API and web UI reachable from outside the Kubernetes cluster, by an Ingress, by a route of the Gateway API or by a Service. Flink has no
 * login, and whoever reaches the REST API can run code in the cluster: so something in front must authenticate.
 */
export interface ExposureArgs {
  /** Host name under which it is reached, such as `flink.example.com`. Needed with `ingress` and `httpRoute`; with `service` it is put on the certificate that cert-manager makes. */
  host?: string;

  /**
   * Path below which it is reached; whatever is in front must take it away again, for Flink answers at `/`. Default: `/`.
   */
  path?: string;

  /** Reached through an Ingress. Give this, `httpRoute` or `service`. */
  ingress?: IngressArgs;

  /** Reached through a Gateway. Give this, `ingress` or `service`. */
  httpRoute?: HttpRouteArgs;

  /**
   * Reached through a Service of its own, of type LoadBalancer or NodePort. Nothing in front of it asks for a login: `tls.rest` with `clientAuthentication` does, or what `authenticatedBy` says. Give
   * this, `ingress` or `httpRoute`.
   */
  service?: ExposedServiceArgs;

  /**
   * The pods of the Ingress controller or the Gateway, or with `service` the addresses that come: the NetworkPolicy lets them reach the REST API. Needed unless
   * `network.policies` is false or `network.rest` lists them.
   */
  controller?: PeerArgs;

  /**
   * What authenticates those who come, where the annotations of the Ingress do not show it: for example `SecurityPolicy oidc`, or a
   * proxy before the controller. Nothing checks what is said here.
   */
  authenticatedBy?: string;

  /** Says that nobody is asked who they are, and that this is meant: anybody who reaches it can run code. Default: false. */
  anybodyMayRunCode?: boolean;

  /** Says that everybody on the way may read and change what is sent, and that this is meant. Default: false. */
  anybodyMayListen?: boolean;
}

/** An Ingress for the REST API. */
export interface IngressArgs {
  /** Name of the IngressClass. Default: the cluster's default class. */
  className?: string;

  /** Name of the Secret with the certificate for the host (`tls.crt`, `tls.key`). Default: none. */
  tlsSecret?: string;

  /**
   * Annotations for the controller. Seen as authentication: those of ingress-nginx (`auth-url`, `auth-type`, `auth-tls-secret`), HAProxy,
   * and AWS (`auth-type`). Default: none.
   */
  annotations?: { [annotation: string]: string };
}

/** A Service for the REST API that is reached from outside. */
export interface ExposedServiceArgs {
  /** `LoadBalancer` or `NodePort`. */
  type: ExposedServiceType;

  /**
   * Annotations for the load balancer, such as those that make it an internal one. Seen as TLS: a certificate that AWS' load balancer has (`aws-load-balancer-ssl-cert`). Default: none.
   */
  annotations?: { [annotation: string]: string };

  /** Port of the Service. Default: 8081. */
  port?: number;

  /** Port of the nodes, from 30000 to 32767. Default: Kubernetes chooses one. */
  nodePort?: number;

  /** Which load balancer makes it, where there are several (`loadBalancerClass`). Default: the cluster's. */
  loadBalancerClass?: string;

  /** Blocks of addresses that the load balancer lets in, where it can. Default: all. */
  sourceRanges?: string[];
}

/** An HTTPRoute for the REST API. */
export interface HttpRouteArgs {
  /** The Gateways, and which of their listeners. */
  parents: GatewayArgs[];

  /** Says that the listeners terminate TLS, which a route does not show. Default: false. */
  listenersUseTls?: boolean;

  /**
   * Name of a ConfigMap with `ca.crt`, the authority of the REST API's certificate: the Gateway verifies the REST API with it
   * (a BackendTLSPolicy). Needed when `tls.rest` is on. Default: none.
   */
  backendCaConfigMap?: string;

  /** Annotations on the route. Default: none. */
  annotations?: { [annotation: string]: string };
}

/** A Gateway, and one of its listeners. */
export interface GatewayArgs {
  /** Name of the Gateway. */
  name: string;

  /** Its namespace. Default: the cluster's. */
  namespace?: string;

  /** Name of the listener. Default: every listener of the Gateway that takes the host. */
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

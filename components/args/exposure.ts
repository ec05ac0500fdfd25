import { type PeerArgs, peerShape } from "./network";
import type { ShapeOf } from "./shape";

/**
 * Makes the REST API and web UI reachable from outside the Kubernetes cluster, by an Ingress or by a route of the Gateway API. Flink has no
 * login, and whoever reaches the REST API can run code in the cluster: so something in front must authenticate.
 */
export interface ExposureArgs {
  /** Host name under which it is reached, such as `flink.example.com`. */
  host: string;

  /**
   * Path below which it is reached; whatever is in front must take it away again, for Flink answers at `/`. Default: `/`.
   */
  path?: string;

  /** Reached through an Ingress. Give this or `httpRoute`. */
  ingress?: IngressArgs;

  /** Reached through a Gateway. Give this or `ingress`. */
  httpRoute?: HttpRouteArgs;

  /**
   * The pods of the Ingress controller or the Gateway: the NetworkPolicy lets them reach the REST API. Needed unless
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

export const exposureShape: ShapeOf<ExposureArgs> = {
  host: "text",
  path: "text",
  ingress: { object: ingress },
  httpRoute: { object: httpRoute },
  controller: { object: peerShape },
  authenticatedBy: "text",
  anybodyMayRunCode: "boolean",
  anybodyMayListen: "boolean",
};

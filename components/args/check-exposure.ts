import { dnsName } from "../names";
import type { Context, Findings } from "./additions";
import { checkCidr, checkPeer } from "./check-network";
import {
  type ExposedServiceArgs,
  ExposedServiceType,
  type ExposureArgs,
  type GatewayArgs,
  type HttpRouteArgs,
  type IngressArgs,
} from "./exposure";
import type { PeerArgs } from "./network";
import { joinPath } from "./shape";

/** How the REST API is reached from outside, after validation. The host may be empty with a Service. */
export interface ExposureModel {
  host: string;
  path: string;
  ingress?: IngressArgs;
  httpRoute?: HttpRouteArgs;
  service?: ExposedServiceArgs;
  controller?: PeerArgs;
}

type Annotations = Record<string, string>;

/** Annotations with which a controller authenticates, and the values with which it does not. */
const authenticating: { annotation: RegExp; unless?: RegExp }[] = [
  { annotation: /^nginx\.ingress\.kubernetes\.io\/(auth-url|auth-type|auth-tls-secret)$/, unless: /^\s*$/ },
  { annotation: /^alb\.ingress\.kubernetes\.io\/auth-type$/, unless: /^(none|\s*)$/ },
  { annotation: /^haproxy\.org\/auth-type$/, unless: /^\s*$/ },
  {
    annotation: /^haproxy-ingress\.github\.io\/(auth-url|auth-secret|auth-tls-secret|oauth)$/,
    unless: /^\s*$/,
  },
];

/** Annotations that give a controller a certificate although the Ingress names no Secret. */
const certified =
  /^(alb\.ingress\.kubernetes\.io\/certificate-arn|networking\.gke\.io\/managed-certificates|ingress\.gcp\.kubernetes\.io\/pre-shared-cert)$/;

/** An annotation that makes a load balancer terminate TLS. */
const certifiedService =
  /^service\.beta\.kubernetes\.io\/(aws-load-balancer-ssl-cert|do-loadbalancer-certificate-(id|name))$/;

/** Annotations that make a controller use TLS to the pods. */
const backendTls = [
  /^nginx\.ingress\.kubernetes\.io\/backend-protocol=HTTPS$/i,
  /^alb\.ingress\.kubernetes\.io\/backend-protocol=HTTPS$/i,
  /^haproxy\.org\/server-ssl=true$/,
  /^haproxy-ingress\.github\.io\/(backend-protocol=(h1-ssl|https)|secure-backends=true)$/i,
];

const passthrough =
  /^(nginx\.ingress\.kubernetes\.io|haproxy-ingress\.github\.io|haproxy\.org)\/ssl-passthrough=true$/;

/** Whether the Ingress passes the TLS connection through to Flink. */
export function passesTlsThrough({ ingress }: ExposureArgs): boolean {
  return pairs(ingress?.annotations).some((pair) => passthrough.test(pair));
}

/** Checks `exposure`. It adds nothing to the pods. */
export function checkExposure(context: Context, findings: Findings): ExposureModel | undefined {
  const { exposure } = context.args;
  if (!exposure) return undefined;
  const { ingress, httpRoute, service, controller } = exposure;
  const { problems } = findings;
  const { host = "" } = exposure;
  const needsHost = service === undefined || exposure.host !== undefined;
  if (needsHost && (!dnsName.test(host) || !host.includes("."))) {
    const reason = exposure.host
      ? "this is not a fully qualified host name"
      : "an Ingress or an HTTPRoute needs a host name";
    problems.push({
      path: "exposure.host",
      value: exposure.host,
      reason,
      fix: "write for example flink.example.com",
    });
  }
  if (exposure.path !== undefined && !isPath(exposure.path, exposure)) {
    const reason = "this is not a valid path of a URL";
    problems.push({ path: "exposure.path", value: exposure.path, reason, fix: "write for example /flink" });
  }
  const ways = [ingress, httpRoute, service].filter((way) => way !== undefined).length;
  if (ways !== 1) {
    problems.push({
      path: "exposure",
      reason:
        ways > 1
          ? "the REST API can be exposed in one way only"
          : "this does not say how to expose the REST API",
      fix:
        ways > 1 ? "keep one of ingress, httpRoute and service" : "write ingress: {}, httpRoute or service",
    });
  }
  if (service && exposure.path !== undefined) {
    const reason = "a Service always exposes the whole REST API, so a path has no effect";
    problems.push({ path: "exposure.path", value: exposure.path, reason, fix: "leave it out" });
  }
  if (ingress) checkPrefix(exposure, findings);
  if (httpRoute) checkRoute(httpRoute, findings);
  if (service) checkService(service, findings);
  checkController(context, exposure, findings);
  checkAuthentication(context, exposure, findings);
  checkEncryption(context, exposure, findings);
  checkBackend(context, exposure, findings);
  return {
    host,
    path: exposure.path ?? "/",
    ingress,
    httpRoute,
    ...(service === undefined ? {} : { service }),
    controller,
  };
}

const nginxRewrite = "nginx.ingress.kubernetes.io/rewrite-target";

/** ingress-nginx takes a prefix off by a regular expression, a group of which stays. */
function isPath(path: string, { ingress }: ExposureArgs): boolean {
  if (ingress?.annotations?.[nginxRewrite] === undefined) return /^\/[-\w./~]*$/.test(path);
  return /^\/\S*$/.test(path) && groupsOf(path) !== undefined;
}

/** How many groups a regular expression has; undefined if it is not one. */
function groupsOf(path: string): number | undefined {
  try {
    return new RegExp(`${path}|`).exec("")!.length - 1;
  } catch {
    return undefined;
  }
}

/** An Ingress itself does not take its path off, and Flink does not know it. */
function checkPrefix({ path = "/", ingress }: ExposureArgs, { warnings }: Findings): void {
  if (path === "/") return;
  const annotations = ingress?.annotations ?? {};
  const fix = `for ingress-nginx write exposure.path: "${path.replace(/\/*(\(.*)?$/, "")}(/|$)(.*)" and the annotation ${nginxRewrite}: /$2`;
  const target = annotations[nginxRewrite];
  const group = Number(/\$(\d)/.exec(String(target ?? ""))?.[1] ?? 0);
  if (target !== undefined && (group === 0 || group > (groupsOf(path) ?? 0))) {
    const reason =
      "without a group of the path in it, every request is for the same page: the web UI stays blank";
    const at = joinPath("exposure.ingress.annotations", nginxRewrite);
    warnings.push({ path: at, value: target, reason, fix });
  }
  const known = /rewrite|strip|middlewares|transforms|backend-path-prefix|konghq\.com\/plugins/;
  if (Object.entries(annotations).some((entry) => known.test(entry.map(String).join(" ")))) return;
  const reason =
    "Flink serves at /, and no annotation that is known here takes this off: the web UI may stay blank";
  warnings.push({ path: "exposure.path", value: path, reason, fix });
}

function checkService(service: Partial<ExposedServiceArgs>, { problems }: Findings): void {
  const path = "exposure.service";
  const types: unknown[] = Object.values(ExposedServiceType);
  if (!types.includes(service.type)) {
    const reason = "only these two types can be reached from outside the Kubernetes cluster";
    problems.push({ path: `${path}.type`, value: service.type, reason, fix: `write ${types.join(" or ")}` });
  }
  const bounds = { port: [1, 65535], nodePort: [30000, 32767] } as const;
  for (const [field, [least, most]] of Object.entries(bounds)) {
    const value = service[field as "port" | "nodePort"];
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) continue;
    const reason = "Kubernetes refuses this port";
    problems.push({
      path: `${path}.${field}`,
      value,
      reason,
      fix: `write a whole number from ${least} to ${most}`,
    });
  }
  for (const field of ["loadBalancerClass", "sourceRanges"] as const) {
    if (service[field] === undefined || service.type !== ExposedServiceType.NodePort) continue;
    const reason = "a Service of type NodePort has no load balancer";
    problems.push({ path: `${path}.${field}`, reason, fix: "leave it out, or write type: LoadBalancer" });
  }
  service.sourceRanges?.forEach((cidr, index) => {
    problems.push(...checkCidr(`${path}.sourceRanges[${index}]`, cidr));
  });
}

function checkRoute({ parents }: HttpRouteArgs, { problems }: Findings): void {
  if (!parents?.length) {
    const reason = "a route needs a Gateway that it belongs to";
    problems.push({ path: "exposure.httpRoute.parents", value: parents, reason, fix: "name a Gateway" });
  }
  parents?.forEach((parent: Partial<GatewayArgs>, index) => {
    if (parent.name && dnsName.test(parent.name)) return;
    const reason = parent.name ? "Kubernetes refuses this name" : "the name of the Gateway is missing";
    problems.push({
      path: `exposure.httpRoute.parents[${index}].name`,
      value: parent.name,
      reason,
      fix: "write the name of the Gateway",
    });
  });
}

function checkController(
  { args }: Context,
  { controller, service }: ExposureArgs,
  { problems }: Findings,
): void {
  if (controller) problems.push(...checkPeer("exposure.controller", controller));
  if (controller || args.network?.policies === false || args.network?.rest?.length) return;
  problems.push({
    path: "exposure.controller",
    reason: "the NetworkPolicy allows only the pods that submit jobs to reach the REST API",
    fix: service
      ? 'write the source addresses, including those of the nodes, for example { cidr: "10.0.0.0/8" }'
      : 'write the labels of the controller, for example { namespaceLabels: { "kubernetes.io/metadata.name": "ingress-nginx" } }',
  });
}

/**
 * Checks that something authenticates clients: annotations, client certificates that reach Flink, or
 * `authenticatedBy`.
 */
function checkAuthentication({ args }: Context, exposure: ExposureArgs, { problems }: Findings): void {
  const { ingress, httpRoute, service, authenticatedBy, anybodyMayRunCode } = exposure;
  const certificates =
    args.tls?.rest?.clientAuthentication && (service !== undefined || passesTlsThrough(exposure));
  if (authenticates(ingress?.annotations ?? {}) || certificates || authenticatedBy?.trim()) return;
  if (anybodyMayRunCode || (!ingress && !httpRoute && !service)) return;
  const shown = ingress
    ? "the annotations of the Ingress do"
    : httpRoute
      ? "an HTTPRoute does"
      : "tls.rest without clientAuthentication does";
  problems.push({
    path: "exposure",
    reason: `whoever reaches the REST API can run code in the cluster, and ${shown} not show any authentication`,
    fix: `${service ? "enable tls.rest with clientAuthentication," : "let the controller authenticate (for example nginx.ingress.kubernetes.io/auth-url),"} or name in exposure.authenticatedBy what authenticates; exposure.anybodyMayRunCode: true accepts the risk`,
  });
}

function authenticates(annotations: Annotations): boolean {
  return Object.entries(annotations).some(([key, value]) =>
    authenticating.some(({ annotation, unless }) => annotation.test(key) && !unless?.test(value)),
  );
}

function checkEncryption({ args }: Context, exposure: ExposureArgs, { problems }: Findings): void {
  const { ingress, httpRoute, service, anybodyMayListen } = exposure;
  if (service && !anybodyMayListen && !args.tls?.rest) {
    const ends = Object.keys(service.annotations ?? {}).some((key) => certifiedService.test(key));
    if (ends) return;
    const reason = "the traffic, including credentials and jars, could be read and changed on its way";
    const fix = "enable tls.rest; exposure.anybodyMayListen: true accepts the risk";
    problems.push({ path: "exposure.service", reason, fix });
  }
  if (service) return;
  const annotations = Object.keys(ingress?.annotations ?? {});
  if (anybodyMayListen || httpRoute?.listenersUseTls) return;
  if (ingress && (ingress.tlsSecret || annotations.some((key) => certified.test(key)))) return;
  if ((!ingress && !httpRoute) || passesTlsThrough(exposure)) return;
  problems.push({
    path: ingress ? "exposure.ingress.tlsSecret" : "exposure.httpRoute.listenersUseTls",
    reason: "the traffic, including credentials and jars, could be read and changed on its way",
    fix: ingress
      ? "name the Secret with the certificate; exposure.anybodyMayListen: true accepts the risk"
      : "write true if the Gateway's listeners terminate TLS; exposure.anybodyMayListen: true accepts the risk",
  });
}

/** If the REST API itself uses TLS, the component in front must use it too. */
function checkBackend({ args }: Context, exposure: ExposureArgs, { problems, warnings }: Findings): void {
  const { ingress, httpRoute } = exposure;
  const rest = args.tls?.rest;
  if (!rest) {
    if (ingress && passesTlsThrough(exposure)) {
      const reason = "the Ingress passes TLS through to the REST API, which serves plain HTTP";
      problems.push({ path: "exposure.ingress.annotations", reason, fix: "enable tls.rest" });
    }
    return;
  }
  if (httpRoute && rest.clientAuthentication) {
    problems.push({
      path: "exposure.httpRoute",
      reason:
        "the REST API requires a client certificate (tls.rest.clientAuthentication), and a Gateway that terminates TLS has none",
      fix: "use an Ingress with TLS passthrough, or leave clientAuthentication out and authenticate at the Gateway",
    });
  } else if (httpRoute && !httpRoute.backendCaConfigMap) {
    problems.push({
      path: "exposure.httpRoute.backendCaConfigMap",
      reason:
        "the REST API uses TLS (tls.rest), and the Gateway needs its certificate authority to verify it",
      fix: "write the name of a ConfigMap with ca.crt (trust-manager can create it)",
    });
  }
  if (!ingress || passesTlsThrough(exposure)) return;
  const { annotations } = ingress;
  if (!pairs(annotations).some((pair) => backendTls.some((known) => known.test(pair)))) {
    warnings.push({
      path: "exposure.ingress.annotations",
      reason:
        "the REST API uses TLS (tls.rest), and no known annotation makes the controller use TLS towards it",
      fix: 'for ingress-nginx write "nginx.ingress.kubernetes.io/backend-protocol": "HTTPS"',
    });
  }
  if (
    rest.clientAuthentication &&
    !Object.hasOwn(annotations ?? {}, "nginx.ingress.kubernetes.io/proxy-ssl-secret")
  ) {
    warnings.push({
      path: "exposure.ingress.annotations",
      reason:
        "the REST API requires a client certificate (tls.rest.clientAuthentication), and no known annotation gives the controller one",
      fix: 'for ingress-nginx write "nginx.ingress.kubernetes.io/proxy-ssl-secret", or pass TLS through',
    });
  }
}

function pairs(annotations: Annotations | undefined): string[] {
  return Object.entries(annotations ?? {}).map(([key, value]) => `${key}=${value}`);
}

import assert from "node:assert/strict";
import type { FlinkClusterArgs } from "../../../components/args/cluster";
import type { ExposureArgs } from "../../../components/args/exposure";
import { normaliseCluster } from "../../../components/args/normalise";
import type { TlsArgs } from "../../../components/args/tls";
import { FlinkCluster } from "../../../components/cluster";
import { exposedService, restIngress, restRoute } from "../../../components/kubernetes/exposure";
import { networkPolicies } from "../../../components/kubernetes/network";
import { restService } from "../../../components/kubernetes/services";
import { certificateObjects } from "../../../components/kubernetes/tls";
import { modelOf } from "./arguments";
import { record } from "./recorder";

const host = "flink.example.com";
const controller = { namespaceLabels: { "kubernetes.io/metadata.name": "ingress-nginx" } };
const nginx = (annotations: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
  );
const login = nginx({ "auth-url": "https://login.example.com/auth" });
const ingress = { className: "nginx", tlsSecret: "flink-example-com", annotations: login };
const gateway = { name: "public", namespace: "gateways", listener: "https" };
const httpRoute = { parents: [gateway], listenersUseTls: true };
const restTls: TlsArgs = { rest: { secret: { name: "stores" } } };
const mutualTls: TlsArgs = { rest: { secret: { name: "stores" }, clientAuthentication: true } };

function check(exposure: Partial<ExposureArgs>, more: Partial<FlinkClusterArgs> = {}) {
  const given = { host, controller, ...exposure };
  return normaliseCluster("orders", { flinkVersion: "2.2.1", exposure: given, ...more });
}

describe("exposure: an Ingress", () => {
  const model = modelOf({ namespace: { name: "prod" }, exposure: { host, controller, ingress } });
  const made = restIngress(model, model.exposure!, model.exposure!.ingress!);

  it("leads to the REST Service under the host, with its certificate and the controller's annotations", () => {
    assert.deepEqual(made.spec, {
      ingressClassName: "nginx",
      tls: [{ hosts: [host], secretName: "flink-example-com" }],
      rules: [
        {
          host,
          http: {
            paths: [
              {
                path: "/",
                pathType: "Prefix",
                backend: { service: { name: "orders-rest", port: { name: "rest" } } },
              },
            ],
          },
        },
      ],
    });
    assert.equal(made.metadata.namespace, "prod");
    assert.equal(
      made.metadata.annotations["nginx.ingress.kubernetes.io/auth-url"],
      "https://login.example.com/auth",
    );
  });

  it("waits for no address: there may be no controller yet", () => {
    assert.equal(made.metadata.annotations["pulumi.com/skipAwait"], "true");
  });
});

describe("exposure: an Ingress below a path", () => {
  const warned = (path: string, annotations: Record<string, string>) =>
    check({ path, ingress: { ...ingress, annotations: { ...login, ...annotations } } }).warnings;

  it("has ingress-nginx take the path off, by a regular expression that only the controller reads", () => {
    const path = "/teams/orders(/|$)(.*)";
    const annotations = { ...login, ...nginx({ "rewrite-target": "/$2" }) };
    const model = modelOf({ exposure: { host, path, controller, ingress: { ...ingress, annotations } } });
    const { rules } = restIngress(model, model.exposure!, model.exposure!.ingress!).spec;
    assert.equal(rules[0]!.http.paths[0]!.path, path);
    assert.equal(rules[0]!.http.paths[0]!.pathType, "ImplementationSpecific");
    assert.deepEqual(warned(path, nginx({ "rewrite-target": "/$2" })), []);
  });

  it("warns where nothing takes it off: the web UI would stay blank", () => {
    const [warning] = warned("/orders", {});
    assert.equal(warning?.path, "exposure.path");
    assert.match(warning.fix, /"\/orders\(\/\|\$\)\(\.\*\)" and the annotation .*rewrite-target: \/\$2/);
    const traefik = { "traefik.ingress.kubernetes.io/router.middlewares": "flink-strip@kubernetescrd" };
    assert.deepEqual(warned("/orders", traefik), []);
    assert.deepEqual(warned("/", {}), []);
  });

  it("warns of a rewriting that makes all pages one", () => {
    const [warning] = warned("/orders", nginx({ "rewrite-target": "/$2" }));
    assert.match(warning?.reason ?? "", /the same page/);
    const { problems } = check({ path: "/orders(/|$)(.*)", ingress });
    assert.equal(problems[0]?.path, "exposure.path");
  });
});

describe("exposure: a route of the Gateway API", () => {
  const routes = (more: Partial<ExposureArgs>, tls?: TlsArgs) => {
    const model = modelOf({ tls, exposure: { host, controller, authenticatedBy: "oidc", ...more } });
    return restRoute(model, model.exposure!, model.exposure!.httpRoute!);
  };

  it("leads from the listener to the REST Service", () => {
    const { route, ...others } = routes({ httpRoute });
    assert.deepEqual(others, {});
    assert.deepEqual(route!.spec, {
      parentRefs: [{ name: "public", namespace: "gateways", sectionName: "https" }],
      hostnames: [host],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/" } }],
          backendRefs: [{ name: "orders-rest", port: 8081 }],
        },
      ],
    });
  });

  it("takes a path away that Flink does not know", () => {
    const { route } = routes({ httpRoute, path: "/flink" });
    const [rule] = route!.spec.rules as { filters: { urlRewrite: { path: object } }[] }[];
    assert.deepEqual(rule!.filters[0]!.urlRewrite.path, {
      type: "ReplacePrefixMatch",
      replacePrefixMatch: "/",
    });
  });

  it("verifies the REST API's certificate where it speaks TLS", () => {
    const made = routes({ httpRoute: { ...httpRoute, backendCaConfigMap: "rest-ca" } }, restTls);
    assert.equal(made["backend-tls"]!.kind, "BackendTLSPolicy");
    assert.deepEqual(made["backend-tls"]!.spec, {
      targetRefs: [{ group: "", kind: "Service", name: "orders-rest" }],
      validation: {
        hostname: "orders-rest.orders.svc",
        caCertificateRefs: [{ group: "", kind: "ConfigMap", name: "rest-ca" }],
      },
    });
  });
});

describe("exposure: who may come", () => {
  it("is what the controller's pods may, through the NetworkPolicy", () => {
    const rules = (exposure?: ExposureArgs) =>
      JSON.stringify(networkPolicies(modelOf({ exposure })).jobmanager.spec.ingress);
    assert.ok(rules({ host, controller, ingress }).includes('"ingress-nginx"'));
    assert.ok(!rules().includes("ingress-nginx"));
  });

  const authenticated: [string, Partial<ExposureArgs>][] = [
    ["ingress-nginx asks somebody", { ingress }],
    [
      "ingress-nginx asks for a password",
      { ingress: { ...ingress, annotations: nginx({ "auth-type": "basic" }) } },
    ],
    [
      "ingress-nginx asks for a certificate",
      { ingress: { ...ingress, annotations: nginx({ "auth-tls-secret": "prod/ca" }) } },
    ],
    ["AWS asks", { ingress: { ...ingress, annotations: { "alb.ingress.kubernetes.io/auth-type": "oidc" } } }],
    ["somebody else asks, it is said", { ingress: { tlsSecret: "a" }, authenticatedBy: "VPN" }],
    ["nobody asks, it is said", { ingress: { tlsSecret: "a" }, anybodyMayRunCode: true }],
    ["a Gateway's policy asks, it is said", { httpRoute, authenticatedBy: "SecurityPolicy oidc" }],
  ];
  for (const [what, exposure] of authenticated) {
    it(`is settled: ${what}`, () => assert.deepEqual(check(exposure).problems, []));
  }

  it("is settled when Flink itself asks for certificates, and TLS reaches it", () => {
    const passed = { ingress: { annotations: nginx({ "ssl-passthrough": "true" }) } };
    assert.deepEqual(check(passed, { tls: mutualTls }).problems, []);
    const ended = check({ ingress: { tlsSecret: "a" } }, { tls: mutualTls });
    assert.match(
      ended.problems[0]?.reason ?? "",
      /run code/,
      "the controller's certificate says nothing of who came",
    );
  });

  it("puts the host on the certificate that cert-manager makes, when TLS reaches Flink", () => {
    const names = (annotations: Record<string, string>) => {
      const model = modelOf({
        tls: { rest: { certManager: {}, clientAuthentication: true } },
        exposure: { host, controller, authenticatedBy: "x", ingress: { tlsSecret: "a", annotations } },
      });
      return certificateObjects(model)[1]!.rest!.spec.dnsNames as string[];
    };
    assert.ok(names(nginx({ "ssl-passthrough": "true" })).includes(host));
    assert.ok(!names({}).includes(host));
  });
});

describe("exposure: a Service", () => {
  const nodes = { cidr: "10.0.0.0/8" };
  const service = { type: "LoadBalancer" } as const;
  const said = (exposure: Partial<ExposureArgs>, more: Partial<FlinkClusterArgs> = {}) =>
    check({ host: undefined, controller: nodes, ...exposure }, more)
      .problems.map(({ path, fix }) => `${path}: ${fix}`)
      .join("\n");

  it("of its own leads to the JobManager, as the load balancer and the node want it", () => {
    const { model, problems } = check(
      {
        host: undefined,
        controller: nodes,
        service: {
          ...service,
          annotations: { "networking.gke.io/load-balancer-type": "Internal" },
          port: 443,
          nodePort: 30081,
          loadBalancerClass: "example.com/internal",
          sourceRanges: ["192.0.2.0/24"],
        },
      },
      { tls: mutualTls },
    );
    assert.deepEqual(problems, []);
    const made = exposedService(model!, model!.exposure!.service!);
    assert.equal(made.metadata.name, "orders-rest-external");
    assert.equal(made.metadata.annotations["networking.gke.io/load-balancer-type"], "Internal");
    assert.deepEqual(made.spec.selector, restService(model!).spec.selector);
    assert.deepEqual(
      { ...made.spec, selector: undefined },
      {
        type: "LoadBalancer",
        selector: undefined,
        ports: [{ name: "rest", port: 443, targetPort: "rest", protocol: "TCP", nodePort: 30081 }],
        loadBalancerClass: "example.com/internal",
        loadBalancerSourceRanges: ["192.0.2.0/24"],
      },
    );
    const { jobmanager } = networkPolicies(model!);
    assert.ok(JSON.stringify(jobmanager.spec.ingress).includes('"10.0.0.0/8"'));
  });

  it("is refused without a login and without TLS, unless that is said", () => {
    const both = said({ service });
    assert.match(
      both,
      /^exposure: enable tls\.rest with clientAuthentication, .*anybodyMayRunCode: true accepts the risk$/m,
    );
    assert.match(
      both,
      /^exposure\.service: enable tls\.rest; exposure\.anybodyMayListen: true accepts the risk$/m,
    );
    assert.match(
      said({ service }, { tls: restTls }),
      /^exposure: enable tls\.rest with clientAuthentication/,
    );
    assert.equal(said({ service }, { tls: mutualTls }), "");
    assert.equal(said({ service, anybodyMayRunCode: true, anybodyMayListen: true }), "");
    const annotations = { "service.beta.kubernetes.io/aws-load-balancer-ssl-cert": "arn:aws:acm:x" };
    assert.equal(said({ service: { ...service, annotations }, authenticatedBy: "VPN" }), "");
  });

  it("puts the host, if there is one, on the certificate that cert-manager makes", () => {
    const tls = { rest: { certManager: {}, clientAuthentication: true } };
    const names = (more: Partial<ExposureArgs>) => {
      const { model } = check({ host: undefined, controller: nodes, service, ...more }, { tls });
      return JSON.stringify(certificateObjects(model!));
    };
    assert.ok(names({ host }).includes(host));
    assert.ok(!names({}).includes(host));
  });

  for (const [what, exposure, says] of [
    [
      "of another type",
      { service: { type: "ClusterIP" } },
      /exposure\.service\.type: write LoadBalancer or NodePort/,
    ],
    [
      "with a port of nodes that is none",
      { service: { ...service, nodePort: 80 } },
      /nodePort: .*30000 to 32767/,
    ],
    [
      "of a node with addresses for a load balancer",
      { service: { type: "NodePort", sourceRanges: ["10.0.0.0/8"] } },
      /sourceRanges: leave it out/,
    ],
    [
      "with addresses that are none",
      { service: { ...service, sourceRanges: ["office"] } },
      /sourceRanges\[0\]: write an address/,
    ],
    ["and an Ingress", { service, ingress, host }, /^exposure: keep one/m],
    ["below a path", { service, path: "/flink" }, /exposure\.path: leave it out/],
    [
      "that nobody may reach",
      { service, controller: undefined },
      /exposure\.controller: write the source addresses/,
    ],
  ] as const) {
    it(`is refused ${what}`, () => assert.match(said(exposure as never, { tls: mutualTls }), says));
  }
});

describe("exposure: mistakes", () => {
  const unguarded = nginx({ "auth-type": "" });
  const mistakes: [
    what: string,
    exposure: object,
    path: string,
    fix: RegExp,
    more?: Partial<FlinkClusterArgs>,
  ][] = [
    ["no host", { host: undefined, ingress }, "exposure.host", /flink\.example\.com/],
    ["a host that is a URL", { host: "https://a.b", ingress }, "exposure.host", /flink\.example\.com/],
    ["a path that is none", { path: "flink", ingress }, "exposure.path", /\/flink/],
    ["no way", {}, "exposure", /httpRoute/],
    ["two ways", { ingress, httpRoute, authenticatedBy: "x" }, "exposure", /keep one/],
    [
      "a controller whom the NetworkPolicy keeps out",
      { controller: undefined, ingress },
      "exposure.controller",
      /ingress-nginx/,
    ],
    ["a controller that is nobody", { controller: {}, ingress }, "exposure.controller", /podLabels/],
    ["an Ingress without a login", { ingress: { tlsSecret: "a" } }, "exposure", /anybodyMayRunCode/],
    [
      "an empty login",
      { ingress: { tlsSecret: "a", annotations: unguarded } },
      "exposure",
      /authenticatedBy/,
    ],
    [
      "AWS's word for no login",
      { ingress: { tlsSecret: "a", annotations: { "alb.ingress.kubernetes.io/auth-type": "none" } } },
      "exposure",
      /authenticatedBy/,
    ],
    [
      "nothing said about the login",
      { ingress: { tlsSecret: "a" }, authenticatedBy: " " },
      "exposure",
      /authenticatedBy/,
    ],
    ["a route without a login", { httpRoute }, "exposure", /anybodyMayRunCode/],
    [
      "an Ingress without TLS",
      { ingress: { annotations: login } },
      "exposure.ingress.tlsSecret",
      /anybodyMayListen/,
    ],
    [
      "a route without TLS",
      { httpRoute: { parents: [gateway] }, authenticatedBy: "x" },
      "exposure.httpRoute.listenersUseTls",
      /anybodyMayListen/,
    ],
    ["a route of no Gateway", { httpRoute: { parents: [] } }, "exposure.httpRoute.parents", /name a Gateway/],
    [
      "a Gateway without a name",
      { httpRoute: { parents: [{}] } },
      "exposure.httpRoute.parents[0].name",
      /Gateway/,
    ],
    [
      "a Gateway that cannot verify the REST API",
      { httpRoute, authenticatedBy: "x" },
      "exposure.httpRoute.backendCaConfigMap",
      /ca\.crt/,
      { tls: restTls },
    ],
    [
      "a Gateway that the REST API does not know",
      { httpRoute: { ...httpRoute, backendCaConfigMap: "ca" }, authenticatedBy: "x" },
      "exposure.httpRoute",
      /passthrough/,
      { tls: mutualTls },
    ],
    [
      "TLS handed to a REST API without TLS",
      { ingress: { annotations: { ...login, ...nginx({ "ssl-passthrough": "true" }) } } },
      "exposure.ingress.annotations",
      /tls\.rest/,
    ],
    ["a misspelt argument", { ingres: ingress }, "exposure.ingres", /"ingress"/],
  ];
  for (const [what, exposure, path, fix, more] of mistakes) {
    it(`are refused: ${what}`, () => {
      const { problems } = check(exposure, more);
      const found = problems.filter((problem) => problem.path === path);
      assert.equal(found.length, 1, JSON.stringify(problems));
      assert.match(found[0]!.fix, fix);
    });
  }

  it("are not: a controller that network.rest admits, or without policies", () => {
    for (const network of [{ rest: [{ cidr: "10.0.0.0/8" }] }, { policies: false }]) {
      assert.deepEqual(check({ controller: undefined, ingress }, { network }).problems, []);
    }
  });

  it("are warned of: a controller that speaks plain HTTP to TLS, or has no certificate to show", () => {
    const warned = (annotations: Record<string, string>, tls: TlsArgs) => {
      const { problems, warnings } = check(
        { ingress: { ...ingress, annotations: { ...login, ...annotations } } },
        { tls },
      );
      assert.deepEqual(problems, []);
      return warnings.map(({ fix }) => /[a-z-]+(?=":)|proxy-ssl-secret/.exec(fix)?.[0]);
    };
    const speaksTls = nginx({ "backend-protocol": "HTTPS" });
    assert.deepEqual(warned({}, restTls), ["backend-protocol"]);
    assert.deepEqual(warned(speaksTls, restTls), []);
    assert.deepEqual(warned(speaksTls, mutualTls), ["proxy-ssl-secret"]);
    assert.deepEqual(warned({ ...speaksTls, ...nginx({ "proxy-ssl-secret": "a/b" }) }, mutualTls), []);
  });
});

describe("exposure: FlinkCluster", function () {
  this.timeout(60_000);
  const made = async (exposure?: ExposureArgs) => {
    const args = { flinkVersion: "2.2.1", exposure, tls: exposure?.httpRoute && restTls };
    const { recorded } = await record(() => new FlinkCluster("orders", args));
    return recorded
      .map(({ type, name }) => `${type.split(":").at(-1)} ${name}`)
      .filter((kind) => /^(Ingress|HTTPRoute|BackendTLSPolicy) |^Service .*external/.test(kind))
      .sort();
  };

  it("is not reachable by default", async () => assert.deepEqual(await made(), []));

  it("makes a Service beside the one inside", async () => {
    const service = { type: "NodePort" } as const;
    const meant = { anybodyMayRunCode: true, anybodyMayListen: true };
    assert.deepEqual(await made({ controller, service, ...meant }), ["Service orders-rest-external"]);
  });

  it("makes an Ingress, or a route and the policy that belongs to it", async () => {
    assert.deepEqual(await made({ host, controller, ingress }), ["Ingress orders-rest"]);
    const route = { ...httpRoute, backendCaConfigMap: "ca" };
    assert.deepEqual(await made({ host, controller, httpRoute: route, authenticatedBy: "oidc" }), [
      "BackendTLSPolicy orders-rest-backend-tls",
      "HTTPRoute orders-rest-route",
    ]);
  });
});

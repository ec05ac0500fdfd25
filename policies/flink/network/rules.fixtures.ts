import type { Fixtures } from "../../core/fixtures";
import {
  application,
  config,
  flinkDeployment,
  ingress,
  jobManager,
  object,
  restService,
  taskManager,
} from "../manifests";

const auth = { "nginx.ingress.kubernetes.io/auth-url": "https://login.example" };
const mutual = { "security.ssl.rest.enabled": "true", "security.ssl.rest.authentication-enabled": "true" };
const exposed = (options: Record<string, string> = {}, annotations = {}) => [
  jobManager(),
  config({ "rest.port": 8081, ...options }),
  restService(),
  ingress(annotations),
];
const policy = (component: string, ingressRules: unknown[]) =>
  object(
    "networking.k8s.io/v1",
    "NetworkPolicy",
    {
      spec: {
        podSelector: { matchLabels: { app: "flink", component } },
        policyTypes: ["Ingress"],
        ingress: ingressRules,
      },
    },
    { name: component },
  );
const own = { from: [{ podSelector: { matchLabels: { app: "flink" } } }] };
const gateway = (spec = {}) =>
  object("v1", "Service", { spec: { selector: { app: "sql-gateway" }, ports: [{ port: 8083 }], ...spec } });
const local = "local:///opt/flink/usrlib/job.jar";
const historyServer = (spec = {}, annotations = {}) =>
  object(
    "v1",
    "Service",
    { spec: { selector: { app: "history-server" }, ports: [{ port: 8082 }], ...spec } },
    { annotations },
  );
const metricsPort = [{ name: "metrics", port: 9249 }];
const reporter = (options: Record<string, string>) =>
  config({
    "metrics.reporter.prom.factory.class": "org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
    ...options,
  });
const pod = (app: string, command: string[]) =>
  object(
    "v1",
    "Pod",
    { spec: { containers: [{ name: "main", image: "registry.example/shop:1", command }] } },
    { name: app, labels: { app } },
  );
const rpcService = (selector: Record<string, string>) =>
  object(
    "v1",
    "Service",
    { spec: { selector, ports: [{ name: "rpc", port: 6123 }] } },
    { name: "flink-jobmanager" },
  );
const named = { hostname: "one", subdomain: "flink-jobmanager" };
const address = config({ "jobmanager.rpc.address": "flink-jobmanager" });

export const fixtures: Readonly<Record<string, Fixtures>> = {
  "flink-rest-exposed": {
    fails: [
      { manifests: exposed() },
      { manifests: [jobManager(), config({}), restService({ type: "LoadBalancer" })] },
      { manifests: [jobManager(), config({}), restService({ type: "NodePort" })] },
      {
        about: "behind a Gateway",
        manifests: [
          jobManager(),
          config({}),
          restService(),
          object("gateway.networking.k8s.io/v1", "HTTPRoute", {
            spec: { rules: [{ backendRefs: [{ name: "flink-rest", port: 8081 }] }] },
          }),
        ],
      },
      {
        about: "by the operator",
        manifests: [flinkDeployment({ ingress: { template: "{{name}}.flink.example" } })],
      },
      {
        about: "by Flink itself",
        manifests: [
          flinkDeployment({ flinkConfiguration: { "kubernetes.rest-service.exposed.type": "LoadBalancer" } }),
        ],
      },

      ...["ui", "webui", "web", "http"].map((name) => ({
        about: `by a port called ${name}`,
        manifests: [
          jobManager(),
          config({}),
          restService({ type: "LoadBalancer", ports: [{ port: 80, targetPort: name }] }),
        ],
      })),
      ...["TCPRoute", "TLSRoute", "GRPCRoute"].map((kind) => ({
        about: `behind a ${kind}`,
        manifests: [
          jobManager(),
          config({}),
          restService(),
          object("gateway.networking.k8s.io/v1", kind, {
            spec: { rules: [{ backendRefs: [{ name: "flink-rest", port: 8081 }] }] },
          }),
        ],
      })),
      {
        about: "on another port",
        manifests: [
          jobManager(),
          config({ "rest.port": 8082 }),
          restService({ type: "NodePort", ports: [{ port: 8082 }] }),
        ],
      },
      {
        about: "behind what an Ingress falls back to, by the name of the port",
        manifests: [
          jobManager(),
          config({}),
          restService({
            ports: [
              { name: "metrics", port: 9249 },
              { name: "rest", port: 8081 },
            ],
          }),
          object("networking.k8s.io/v1", "Ingress", {
            spec: { defaultBackend: { service: { name: "flink-rest", port: { name: "rest" } } } },
          }),
        ],
      },
      {
        about: "by Flink itself, on the nodes",
        manifests: [
          flinkDeployment({ flinkConfiguration: { "kubernetes.rest-service.exposed.type": "NodePort" } }),
        ],
      },
    ],
    passes: [
      { manifests: exposed({}, auth) },
      { manifests: exposed(mutual) },
      { manifests: [jobManager(), config({}), restService()] },

      {
        about: "a route to another port",
        manifests: [
          jobManager(),
          config({}),
          restService(),
          object("gateway.networking.k8s.io/v1", "HTTPRoute", {
            spec: { rules: [{ backendRefs: [{ name: "flink-rest", port: 9249 }] }] },
          }),
        ],
      },
      {
        about: "a Service of another namespace",
        manifests: [
          jobManager(),
          config({}),
          { ...restService({ type: "NodePort" }), metadata: { name: "flink-rest", namespace: "other" } },
        ],
      },
      {
        about: "the operator's Ingress, with a password",
        manifests: [flinkDeployment({ ingress: { template: "{{name}}.flink.example", annotations: auth } })],
      },
    ],
  },
  "flink-web-submit": {
    fails: [
      { manifests: [application(), config({})] },
      { about: "a session cluster that anybody reaches", manifests: exposed({}, auth) },
      { about: "turned on", manifests: [application(), config({ "web.submit.enable": "true" })] },
      { about: "an application of the operator", manifests: [flinkDeployment({ job: { jarURI: local } })] },
    ],
    passes: [
      { manifests: [application(), config({ "web.submit.enable": "false" })] },
      { manifests: exposed({ "web.submit.enable": "false" }) },
      { about: "a session cluster takes jars", manifests: [jobManager(), config({})] },
      {
        about: "its jobs come that way",
        manifests: [
          flinkDeployment({ ingress: { template: "{{name}}.flink.example" } }),
          object("flink.apache.org/v1beta1", "FlinkSessionJob", {
            spec: { deploymentName: "orders", job: { jarURI: local } },
          }),
        ],
      },
    ],
  },
  "flink-web-cancel": {
    fails: [{ manifests: exposed({}, auth) }],
    passes: [
      { manifests: exposed({ "web.cancel.enable": "false" }) },
      {
        about: "the operator turns it off",
        manifests: [flinkDeployment({ ingress: { template: "{{name}}.flink.example" } })],
      },
    ],
  },
  "flink-rest-tls": {
    fails: [{ manifests: exposed({}, auth) }],
    passes: [
      { manifests: exposed({ "security.ssl.rest.enabled": "true" }) },
      {
        about: "by the option for both parts of Flink 1.20",
        manifests: [
          jobManager({ container: { image: "flink:1.20.3" } }),
          ...exposed({ "security.ssl.enabled": "true" }).slice(1),
        ],
      },
    ],
  },
  "flink-rest-origin": {
    fails: [
      { manifests: exposed({}, auth) },
      { manifests: exposed({ "web.access-control-allow-origin": "*" }, auth) },
    ],
    passes: [{ manifests: exposed({ "web.access-control-allow-origin": "https://flink.example" }) }],
  },
  "flink-internal-tls": {
    fails: [
      { manifests: [jobManager(), config({})] },
      {
        about: "Flink 2 reads no option for both parts",
        manifests: [jobManager(), config({ "security.ssl.enabled": "true" })],
      },
      {
        about: "its own option counts",
        manifests: [
          jobManager({ container: { image: "flink:1.20.3" } }),
          config({ "security.ssl.enabled": "true", "security.ssl.internal.enabled": "false" }),
        ],
      },
    ],
    passes: [
      {
        about: "in Flink 1.20 one option stands for both parts",
        manifests: [
          jobManager({ container: { image: "flink:1.20.3" } }),
          config({ "security.ssl.enabled": "true" }),
        ],
      },
      { manifests: [jobManager(), config({ "security.ssl.internal.enabled": "true" })] },
      { manifests: [jobManager(), config({}), policy("jobmanager", [own])] },
    ],
  },
  "flink-network-policy": {
    fails: [
      { manifests: [jobManager(), policy("taskmanager", [own])] },
      { about: "everybody may", manifests: [jobManager(), policy("jobmanager", [{}])] },
      {
        manifests: [
          taskManager(),
          policy("taskmanager", [{ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port: 6122 }] }]),
        ],
      },
      {
        about: "in two halves, to the REST API",
        manifests: [
          jobManager(),
          policy("jobmanager", [
            {
              from: [{ ipBlock: { cidr: "0.0.0.0/1" } }, { ipBlock: { cidr: "128.0.0.0/1" } }],
              ports: [{ port: 8081 }],
            },
          ]),
        ],
      },
      {
        about: "every pod of every namespace, to Flink's inner ports",
        manifests: [
          jobManager(),
          policy("jobmanager", [{ from: [{ namespaceSelector: {} }], ports: [{ port: 6123 }] }]),
        ],
      },
    ],
    passes: [
      { manifests: [jobManager(), taskManager(), policy("jobmanager", [own]), policy("taskmanager", [own])] },
      {
        about: "to the REST API all pods may be let, where that is wanted",
        manifests: [
          jobManager(),
          policy("jobmanager", [{ from: [{ namespaceSelector: {} }], ports: [{ port: 8081 }] }]),
        ],
      },
    ],
  },
  "flink-sql-gateway": {
    fails: [
      { manifests: [gateway({ type: "LoadBalancer" })] },
      { manifests: [gateway(), ingress({}, "web", 8083)] },
      {
        about: "known by what runs behind it",
        manifests: [
          gateway({ type: "NodePort", selector: { app: "sql" } }),
          pod("sql", ["/opt/flink/bin/sql-gateway.sh", "start-foreground"]),
        ],
      },
    ],
    passes: [
      { manifests: [gateway()] },
      { manifests: [gateway(), ingress(auth, "web", 8083)] },
      {
        about: "something else that listens on this port",
        manifests: [
          gateway({ type: "LoadBalancer", selector: { app: "connect" } }),
          pod("connect", ["connect-distributed.sh"]),
        ],
      },
      {
        about: "an Ingress to another port of the Service",
        manifests: [
          gateway({
            ports: [
              { name: "sql-gateway", port: 8083 },
              { name: "docs", port: 80 },
            ],
          }),
          ingress({}, "web", 80),
        ],
      },
    ],
  },
  "flink-monitoring-exposed": {
    fails: [
      { about: "the History Server", manifests: [historyServer({ type: "LoadBalancer" })] },
      {
        about: "known by what runs behind it",
        manifests: [
          historyServer({ type: "NodePort", selector: { app: "archive" } }),
          pod("archive", ["history-server"]),
        ],
      },
      { about: "behind an Ingress", manifests: [historyServer(), ingress({}, "web", 8082)] },
      {
        about: "metrics for Prometheus",
        manifests: [jobManager(), reporter({}), restService({ type: "LoadBalancer", ports: metricsPort })],
      },
      {
        about: "metrics on a port of one's own, by a route",
        manifests: [
          jobManager(),
          reporter({ "metrics.reporter.prom.port": "9250-9260" }),
          restService({ ports: [{ port: 80, targetPort: 9250 }] }),
          object("gateway.networking.k8s.io/v1", "HTTPRoute", {
            spec: { rules: [{ backendRefs: [{ name: "flink-rest", port: 80 }] }] },
          }),
        ],
      },
    ],
    passes: [
      { manifests: [historyServer()] },
      { manifests: [historyServer({ type: "LoadBalancer" }, auth)] },
      {
        about: "something else that listens on this port",
        manifests: [
          historyServer({ type: "LoadBalancer", selector: { app: "shop" } }),
          pod("shop", ["shop"]),
        ],
      },
      { manifests: [jobManager(), reporter({}), restService({ ports: metricsPort })] },
      {
        about: "only the REST API is behind the Ingress",
        manifests: [
          jobManager(),
          reporter({}),
          restService({ ports: [...metricsPort, { name: "rest", port: 8081 }] }),
          ingress(),
        ],
      },
    ],
  },
  "flink-job-manager-service": {
    fails: [
      {
        about: "it also selects the TaskManagers",
        manifests: [jobManager(), taskManager(), address, rpcService({ app: "flink" })],
      },
      { about: "there is none", manifests: [jobManager(), taskManager(), address] },
      {
        about: "it selects something else",
        manifests: [jobManager(), taskManager(), address, rpcService({ app: "another" })],
      },
      {
        about: "the name that a Service has for another pod",
        manifests: [
          jobManager({ pod: named }),
          taskManager(),
          config({ "jobmanager.rpc.address": "two.flink-jobmanager.shop.svc" }),
          rpcService({ app: "flink", component: "jobmanager" }),
        ],
      },
    ],
    passes: [
      {
        manifests: [
          jobManager(),
          taskManager(),
          address,
          rpcService({ app: "flink", component: "jobmanager" }),
        ],
      },
      {
        about: "the name that the Service has for the pod",
        manifests: [
          jobManager({ pod: named }),
          taskManager(),
          config({ "jobmanager.rpc.address": "one.flink-jobmanager.shop.svc" }),
          rpcService({ app: "flink", component: "jobmanager" }),
        ],
      },
    ],
  },
};

import type { Fixtures } from "../../core/fixtures";
import { config, flinkDeployment, ingress, jobManager, object, restService, taskManager } from "../manifests";

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
const rpcService = (selector: Record<string, string>) =>
  object(
    "v1",
    "Service",
    { spec: { selector, ports: [{ name: "rpc", port: 6123 }] } },
    { name: "flink-jobmanager" },
  );
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
    ],
    passes: [
      { manifests: exposed({}, auth) },
      { manifests: exposed(mutual) },
      { manifests: [jobManager(), config({}), restService()] },
    ],
  },
  "flink-web-submit": {
    fails: [{ manifests: exposed({}, auth) }],
    passes: [
      { manifests: exposed({ "web.submit.enable": "false" }) },
      { manifests: [jobManager(), config({})] },
    ],
  },
  "flink-web-cancel": {
    fails: [{ manifests: exposed({}, auth) }],
    passes: [{ manifests: exposed({ "web.cancel.enable": "false" }) }],
  },
  "flink-rest-tls": {
    fails: [{ manifests: exposed({}, auth) }],
    passes: [{ manifests: exposed({ "security.ssl.rest.enabled": "true" }) }],
  },
  "flink-rest-origin": {
    fails: [
      { manifests: exposed({}, auth) },
      { manifests: exposed({ "web.access-control-allow-origin": "*" }, auth) },
    ],
    passes: [{ manifests: exposed({ "web.access-control-allow-origin": "https://flink.example" }) }],
  },
  "flink-internal-tls": {
    fails: [{ manifests: [jobManager(), config({})] }],
    passes: [
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
    ],
    passes: [
      { manifests: [jobManager(), taskManager(), policy("jobmanager", [own]), policy("taskmanager", [own])] },
    ],
  },
  "flink-sql-gateway": {
    fails: [
      { manifests: [gateway({ type: "LoadBalancer" })] },
      { manifests: [gateway(), ingress({}, "web")] },
    ],
    passes: [{ manifests: [gateway()] }, { manifests: [gateway(), ingress(auth, "web")] }],
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
    ],
  },
};

import { PORTS } from "../../../components/flink/defaults";
import {
  type Container,
  openPeers,
  type Options,
  type Resource,
  type RuleInfo,
  type Run,
  sameNamespace,
  selects,
  selectsLabels,
  sharedOption,
  type Stack,
  stackRule,
  type Value,
  flinkDocs,
  kubernetesDocs,
} from "../../core";
import { clustersOf, type Configuration, configurationOf, type FlinkCluster } from "../reading/clusters";
import { jobsOf, mayHaveMoreJobs } from "../reading/jobs";
import { versionOf } from "../reading/versions";
import { clusterRule } from "../rule-kinds";
import { type Behind, type Exposure, exposuresOf, portsTo, servicesOf, waysTo } from "./exposure";

const proxies = {
  authenticatedBy: sharedOption<string[]>(
    [
      "nginx.ingress.kubernetes.io/auth-",
      "alb.ingress.kubernetes.io/auth-",
      "traefik.ingress.kubernetes.io/router.middlewares",
      "haproxy.org/auth-",
      "haproxy-ingress.github.io/auth-",
      "projectcontour.io/auth-",
      "konghq.com/plugins",
      "flink-kubernetes/authenticated",
    ],
    "Prefixes of annotations on an Ingress, a route or a Service that show that callers are authenticated before they reach Flink.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

type ProxyRun = Run<typeof proxies>;

/** Whether callers are authenticated: undefined while unknown. */
function isAuthenticated(exposure: Exposure, run: ProxyRun): boolean | undefined {
  const { annotations } = exposure;
  if (annotations.isUnknown) return undefined;
  return annotations
    .entries()
    .some(([key]) => run.config.authenticatedBy.some((start) => key.startsWith(start)));
}

/** Whether TLS is on for a part of Flink. Until 1.20 one option is the default for both parts. */
function hasTls({ configuration, all }: FlinkCluster, part: "internal" | "rest"): boolean {
  const key = `security.ssl.${part}.enabled`;
  if (configuration.get(key)) return configuration.isOn(key);
  if (!configuration.isOn("security.ssl.enabled")) return false;
  return all.some(
    (process) => versionOf(process)?.startsWith("1.") === true || process.container.get("image").isUnknown,
  );
}

/** Whether clients need a certificate. */
function hasMutualTls(cluster: FlinkCluster): boolean {
  return hasTls(cluster, "rest") && cluster.configuration.isOn("security.ssl.rest.authentication-enabled");
}

export const restExposed = clusterRule<typeof proxies>({
  name: "flink-rest-exposed",
  description: "Nobody can reach Flink's REST API from outside without authentication.",
  remediation:
    "Remove the Ingress or the external Service and use kubectl port-forward, or put authentication in front of it.",
  reference: flinkDocs("SSL Setup, REST API", "deployment/security/security-ssl/"),
  controls: { "nsa-cisa": ["network-policies"] },
  why: "The REST API has no authentication, and whoever reaches it can run any code in the cluster: that is its purpose.",
  level: "mandatory",
  severity: "critical",
  options: proxies,
  check(cluster, run, stack) {
    if (hasMutualTls(cluster) || cluster.configuration.isPartial) return;
    for (const exposure of exposuresOf(stack, cluster)) {
      if (isAuthenticated(exposure, run) !== false) continue;
      run.violation(exposure.at, {
        actual: exposure.what,
        expected:
          "an authenticating proxy in front, or client certificates (security.ssl.rest.authentication-enabled)",
        fix: "Remove it and use kubectl port-forward, or add authentication to the Ingress.",
      });
    }
  },
});

/** A rule for an option that must not keep its default if Flink is exposed. */
function exposedOption(
  rule: Omit<RuleInfo<Options>, "level" | "severity"> & {
    option: string;
    isSafe(text: string | undefined, cluster: FlinkCluster): boolean;
    expected: string;
  },
) {
  const { option, isSafe, expected, ...info } = rule;
  return clusterRule({
    ...info,
    level: "advisory",
    severity: "medium",
    check(cluster, run, stack) {
      const { configuration, jobManager } = cluster;
      const setting = configuration.get(option);
      if (!jobManager || isSafe(setting?.text.toLowerCase(), cluster)) return;
      if (!setting && configuration.isPartial) return;
      for (const exposure of exposuresOf(stack, cluster).slice(0, 1)) {
        run.violation(setting?.at ?? exposure.at, {
          actual: `${exposure.what}, with ${option} ${setting ? `set to ${setting.text}` : "at its default"}`,
          expected: `${option}: ${expected}`,
          fix: "Set it in the cluster's configuration.",
        });
      }
    },
  });
}

const SUBMIT = "web.submit.enable";

export const webSubmit = clusterRule({
  name: "flink-web-submit",
  description: "The web UI of an application, or of an exposed cluster, does not accept jars.",
  remediation: "Set web.submit.enable: false.",
  reference: flinkDocs("Configuration", "deployment/config/"),
  why: `With ${SUBMIT}, the default, whoever can open the web UI can run any code. An application contains its job and needs no other. A session cluster needs the option, so the rule covers only exposed ones to which this stack submits no jobs. The rule is advisory: the option closes only one way, and whoever reaches the REST API has others. The rules flink-rest-exposed and flink-network-policy cover access to the REST API.`,
  level: "advisory",
  severity: "medium",
  check(cluster, run, stack) {
    const { configuration, jobManager } = cluster;
    const setting = configuration.get(SUBMIT);
    if (!jobManager || setting?.text.toLowerCase() === "false") return;
    if (!setting && configuration.isPartial) return;
    const how = setting ? `set to ${setting.text}` : "at its default";
    const asked = { expected: `${SUBMIT}: false`, fix: "Set it in the cluster's configuration." };
    if (jobManager.isApplication) {
      run.violation(setting?.at ?? configuration.home, {
        actual: `of an application with ${SUBMIT} ${how}`,
        ...asked,
      });
      return;
    }
    // The jobs of this stack are submitted in the same way.
    if (jobsOf(stack, cluster).length > 0 || mayHaveMoreJobs(stack, cluster)) return;
    for (const exposure of exposuresOf(stack, cluster).slice(0, 1)) {
      run.violation(setting?.at ?? exposure.at, {
        actual: `${exposure.what}, with ${SUBMIT} ${how}`,
        ...asked,
      });
    }
  },
});

export const webCancel = exposedOption({
  name: "flink-web-cancel",
  description: "The web UI of an exposed cluster cannot cancel jobs.",
  remediation: "Set web.cancel.enable: false.",
  reference: flinkDocs("Configuration", "deployment/config/"),
  why: "With web.cancel.enable, the default, whoever can open the web UI can end a job.",
  option: "web.cancel.enable",
  // The Flink operator turns it off by default.
  isSafe: (text, { jobManager }) => text === "false" || (text === undefined && jobManager?.isCustom === true),
  expected: "false",
});

export const restTls = exposedOption({
  name: "flink-rest-tls",
  description: "An exposed REST API uses TLS.",
  remediation: "Set security.ssl.rest.enabled: true, with key stores from a Secret.",
  reference: flinkDocs("SSL Setup", "deployment/security/security-ssl/"),
  controls: { "nsa-cisa": ["encryption"] },
  why: "Without TLS, jobs, logs, configuration and uploaded jars cross the network in plain text.",
  option: "security.ssl.rest.enabled",
  isSafe: (_text, cluster) => hasTls(cluster, "rest"),
  expected: "true",
});

export const restOrigin = exposedOption({
  name: "flink-rest-origin",
  description: "An exposed REST API names the web origins that may use it.",
  remediation: "Set web.access-control-allow-origin to the address of the web UI.",
  reference: flinkDocs("Configuration", "deployment/config/"),
  why: "web.access-control-allow-origin is * by default: any web page that a person with access opens can call Flink from their browser.",
  option: "web.access-control-allow-origin",
  isSafe: (text) => text !== undefined && text !== "*",
  expected: "the address of the web UI",
});

export const internalTls = clusterRule({
  name: "flink-internal-tls",
  description: "Flink's processes use TLS among themselves, or a NetworkPolicy isolates them.",
  remediation:
    "Set security.ssl.internal.enabled: true, or add a NetworkPolicy that allows only Flink's own pods.",
  reference: flinkDocs("SSL Setup", "deployment/security/security-ssl/"),
  controls: { "nsa-cisa": ["encryption"] },
  why: "Whoever reaches the RPC or blob port of a JobManager can run any code in the cluster. Certificates, or a NetworkPolicy that allows only Flink's own pods, prevent this.",
  level: "advisory",
  severity: "medium",
  check(cluster, run, stack) {
    const { configuration, jobManager } = cluster;
    const key = "security.ssl.internal.enabled";
    if (!jobManager || hasTls(cluster, "internal") || configuration.isPartial) return;
    const policies = policiesFor(stack, cluster);
    if (policies.length > 0) return;
    const setting = configuration.get(key);
    run.violation(setting?.at ?? configuration.home, {
      actual: `without ${key} and without a NetworkPolicy`,
      expected: "one of the two",
      fix: `Set ${key} with a key store, or add a NetworkPolicy.`,
    });
  },
});

/** Policies for connections to a process. Those that may select it count too. */
function policiesFor(stack: Stack, cluster: FlinkCluster, of = cluster.all[0]!) {
  const labels = of.pod.metadata.get("labels");
  const wanted = (policy: Resource) => policy.spec.get("podSelector", "matchLabels");
  return stack.selecting("networking.k8s.io/NetworkPolicy", wanted, labels).filter((policy) => {
    if (sameNamespace(policy, of.resource) === false) return false;
    const types = policy.spec.get("policyTypes");
    if (types.isPresent && types.includes("Ingress") === false) return false;
    return selects(policy.spec.get("podSelector"), labels) !== false;
  });
}

const internal = [PORTS.rpc, PORTS.blob, PORTS.taskManagerRpc, PORTS.taskManagerData];

export const networkPolicy = clusterRule({
  name: "flink-network-policy",
  description: "NetworkPolicies allow only the necessary connections to Flink.",
  remediation: "Add NetworkPolicies that allow only Flink's own pods, and the clients of the REST API.",
  reference: kubernetesDocs("Network Policies", "concepts/services-networking/network-policies/"),
  controls: { cis: ["5.3.2"], "nsa-cisa": ["network-policies"] },
  why: "Flink's ports have no authentication. Without a policy every pod of every namespace can reach them, even a compromised one.",
  level: "mandatory",
  severity: "high",
  check(cluster, run, stack) {
    for (const process of cluster.all) {
      const policies = policiesFor(stack, cluster, process);
      if (policies.length === 0) {
        if (process.isCustom && process.role === "taskmanager") continue;
        run.violation(process.pod.metadata.get("labels"), {
          actual: "of pods that no NetworkPolicy selects",
          expected: "an ingress policy that names who may connect",
          fix: "Add a NetworkPolicy for JobManager and TaskManagers that allows connections between them by their labels.",
        });
      }
    }
    const seen = new Set(cluster.all.flatMap((process) => policiesFor(stack, cluster, process)));
    for (const policy of seen) {
      for (const rule of policy.spec.get("ingress").list()) {
        const from = rule.get("from");
        if (from.isUnknown || rule.isUnknown) continue;
        const ports = rule.get("ports").list();
        const isInternal =
          rule.get("ports").isAbsent ||
          ports.some(
            (port) =>
              internal.some((number) => port.get("port").number() === number) || port.get("port").isAbsent,
          );
        const { internet: open, pods } = openPeers(from);
        const everybody = from.isAbsent || from.list().length === 0 ? [from] : [...open, ...pods];
        for (const at of isInternal ? everybody : open) {
          run.violation(at, {
            actual: "everybody",
            expected: "the cluster's own pods and its clients",
            fix: "Select them by podSelector and namespaceSelector.",
          });
        }
      }
    }
  },
});

/**
 * Whether a Service is in front of a part of Flink other than JobManager and TaskManager. The pods that it
 * selects decide; if they are not in the stack, its name does.
 */
function isFor(stack: Stack, service: Resource, part: RegExp): boolean {
  const selector = service.spec.get("selector");
  const pods = stack.pods.filter(
    ({ pod, resource }) =>
      selector.isPresent &&
      sameNamespace(service, resource) !== false &&
      selectsLabels(selector, pod.metadata.get("labels")) === true,
  );
  const ports = service.spec.get("ports").list();
  const own = [service.metadata, ...ports].map((at) => at.get("name"));
  const words =
    pods.length > 0
      ? pods.flatMap(({ pod }) => [...valuesOf(pod.metadata.get("labels")), ...pod.containers.flatMap(runs)])
      : [...own, ...valuesOf(selector)];
  return words.some((word) => part.test(word.text() ?? ""));
}

function runs(container: Container): Value[] {
  const words = ["command", "args"].flatMap((field) => container.get(field).list());
  return [container.get("name"), container.get("image"), ...words];
}

function valuesOf(map: Value): Value[] {
  return map.entries().map(([, value]) => value);
}

function exposedWithoutLogin(
  stack: Stack,
  services: readonly Resource[],
  behind: Behind,
  run: ProxyRun,
): void {
  for (const exposure of waysTo(stack, services, behind)) {
    if (isAuthenticated(exposure, run) !== false) continue;
    run.violation(exposure.at, {
      actual: exposure.what,
      expected: "an authenticating proxy in front",
      fix: "Use type ClusterIP, or put an authenticating proxy in front.",
    });
  }
}

const gateway = { port: PORTS.sqlGateway, names: ["sql-gateway"], what: "a SQL Gateway" };

export const sqlGateway = stackRule<typeof proxies>({
  name: "flink-sql-gateway",
  description: "Nobody can reach a SQL Gateway from outside without authentication.",
  remediation: "Remove the Ingress or the external Service, or put authentication in front of it.",
  reference: flinkDocs("SQL Gateway", "dev/table/sql-gateway/overview/"),
  controls: { "nsa-cisa": ["network-policies"] },
  why: "The SQL Gateway has no authentication, and SQL with functions can run any code.",
  level: "mandatory",
  severity: "critical",
  options: proxies,
  applies: (stack) => stack.kinds("/Service").length > 0,
  check(stack, run) {
    const services = stack
      .kinds("/Service")
      .filter((service) => portsTo(service, gateway.port, ...gateway.names).length > 0)
      .filter((service) => isFor(stack, service, /sql-?gateway|flink/i));
    exposedWithoutLogin(stack, services, gateway, run);
  },
});

const history = { port: PORTS.historyServer, names: ["history"], what: "a History Server" };
/** The default port of the reporters for Prometheus. */
const PROMETHEUS = "9249";

/** Ports on which the reporters of a process offer its metrics. */
function metricPorts({ settings }: Configuration): number[] {
  const reporters = settings.flatMap(({ key, text }) => {
    const [, name] = /^metrics\.reporter\.([^.]+)\.factory\.class$/.exec(key) ?? [];
    return name !== undefined && /\.PrometheusReporterFactory$/.test(text) ? [name] : [];
  });
  return reporters.map((name) => {
    const port = settings.findLast(({ key }) => key === `metrics.reporter.${name}.port`);
    return Number.parseInt(port?.text ?? PROMETHEUS, 10);
  });
}

export const monitoringExposed = stackRule<typeof proxies>({
  name: "flink-monitoring-exposed",
  description: "Nobody can read Flink's metrics or its History Server from outside without authentication.",
  remediation: "Remove the Ingress or the external Service, or put authentication in front of it.",
  reference: flinkDocs("Metric Reporters", "deployment/metric_reporters/"),
  controls: { "nsa-cisa": ["network-policies"] },
  why: "Neither has authentication. The History Server shows the configuration, the program's arguments and the exceptions of every job that has ended. Metrics show what the jobs process, and how much.",
  level: "mandatory",
  severity: "high",
  options: proxies,
  applies: (stack) => stack.kinds("/Service").length > 0,
  check(stack, run) {
    const services = stack
      .kinds("/Service")
      .filter((service) => portsTo(service, history.port, ...history.names).length > 0)
      .filter((service) => isFor(stack, service, /history-?server|flink/i));
    exposedWithoutLogin(stack, services, history, run);
    for (const process of clustersOf(stack).flatMap(({ all }) => all)) {
      const labels = process.pod.metadata.get("labels");
      for (const port of new Set(metricPorts(configurationOf(stack, process)))) {
        const behind = { port, names: ["metrics", "prometheus"], what: "Flink's metrics" };
        exposedWithoutLogin(stack, servicesOf(stack, labels, process.resource), behind, run);
      }
    }
  },
});

export const jobManagerService = clusterRule({
  name: "flink-job-manager-service",
  description: "The address of the JobManager is a Service that selects only the JobManager.",
  remediation:
    "Add a Service named as in jobmanager.rpc.address that selects the JobManager's labels and has its ports.",
  reference: flinkDocs("Kubernetes Setup", "deployment/resource-providers/standalone/kubernetes/"),
  why: "TaskManagers register at jobmanager.rpc.address. If this is not a Service, they never find the JobManager. If the Service also selects TaskManagers, they find it only sometimes.",
  level: "mandatory",
  severity: "high",
  check(cluster, run, stack) {
    const { jobManager, configuration, taskManagers } = cluster;
    if (!jobManager || jobManager.isCustom) return;
    const services = servicesOf(stack, jobManager.pod.metadata.get("labels"), jobManager.resource);
    for (const service of services) {
      const mixed = taskManagers.some(({ pod, resource }) =>
        servicesOf(stack, pod.metadata.get("labels"), resource).includes(service),
      );
      if (
        !mixed ||
        portsTo(service, PORTS.rpc, "rpc").length + portsTo(service, PORTS.rest, "rest").length === 0
      )
        continue;
      run.violation(service.spec.get("selector"), {
        expected: "labels that only the JobManager has",
        fix: "Add a label that distinguishes the roles, such as component: jobmanager.",
      });
    }
    const address = configuration.get("jobmanager.rpc.address");
    const ha = configuration.text("high-availability.type");
    if (!address || taskManagers.length === 0 || (ha !== undefined && !/^none$/i.test(ha))) return;
    const hasHidden = stack.once("Services that may be any", () =>
      stack
        .kinds("/Service")
        .some((service) => service.objectName === undefined || service.spec.get("selector").isUnknown),
    );
    if (hasHidden) return;
    const [first, second] = address.text.split(".");
    const serviceOf = (name: string | undefined) =>
      name === undefined
        ? undefined
        : stack
            .named("/Service", name)
            .find((service) => sameNamespace(service, jobManager.resource) !== false);
    // A headless Service also resolves a pod's own name, if the pod sets hostname and subdomain.
    const pod = jobManager.pod.spec;
    const says = (field: string, text: string | undefined) =>
      pod.get(field).isUnknown || pod.get(field).text() === text;
    const isPod = says("hostname", first) && says("subdomain", second);
    const named = serviceOf(isPod ? second : first);
    const selected =
      named && selectsLabels(named.spec.get("selector"), jobManager.pod.metadata.get("labels"));
    if ((named && selected !== false) || (!named && configuration.isPartial)) return;
    run.violation(address.at, {
      actual: `setting jobmanager.rpc.address to ${address.text}, which is ${named ? "a Service that does not select the JobManager" : "not a Service of this stack"}`,
      expected: "the name of the JobManager's Service",
      fix: "Add the Service, or write its name.",
    });
  },
});

export const rules = [
  restExposed,
  webSubmit,
  webCancel,
  restTls,
  restOrigin,
  internalTls,
  networkPolicy,
  sqlGateway,
  monitoringExposed,
  jobManagerService,
];

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
    "Beginnings of annotations on an Ingress, a route or a Service that say that somebody asks who is calling before Flink is reached.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

type ProxyRun = Run<typeof proxies>;

/** Whether somebody asks who is calling: undefined while that is not known. */
function isAuthenticated(exposure: Exposure, run: ProxyRun): boolean | undefined {
  const { annotations } = exposure;
  if (annotations.isUnknown) return undefined;
  return annotations
    .entries()
    .some(([key]) => run.config.authenticatedBy.some((start) => key.startsWith(start)));
}

/** Whether TLS is on for a part of Flink. Until 1.20 one option stands for both parts where they have none of their own. */
function hasTls({ configuration, all }: FlinkCluster, part: "internal" | "rest"): boolean {
  const key = `security.ssl.${part}.enabled`;
  if (configuration.get(key)) return configuration.isOn(key);
  if (!configuration.isOn("security.ssl.enabled")) return false;
  return all.some(
    (process) => versionOf(process)?.startsWith("1.") === true || process.container.get("image").isUnknown,
  );
}

/** Clients have to show a certificate. */
function hasMutualTls(cluster: FlinkCluster): boolean {
  return hasTls(cluster, "rest") && cluster.configuration.isOn("security.ssl.rest.authentication-enabled");
}

export const restExposed = clusterRule<typeof proxies>({
  name: "flink-rest-exposed",
  description: "Nobody reaches Flink's REST API from outside without having said who they are.",
  remediation:
    "Leave the Ingress or the external Service out and use kubectl port-forward, or put authentication before it.",
  reference: flinkDocs("SSL Setup, REST API", "deployment/security/security-ssl/"),
  controls: { "nsa-cisa": ["network-policies"] },
  why: "The REST API asks for no password, and whoever reaches it runs any code in the cluster: that is its purpose.",
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
          "a proxy in front that authenticates, or certificates of clients (security.ssl.rest.authentication-enabled)",
        fix: "Leave it out and use kubectl port-forward, or add authentication to the Ingress.",
      });
    }
  },
});

/** An option that must not be left at its default where Flink is exposed. */
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
  description:
    "The web UI takes no jars where none are to be sent: of an application, and of an exposed cluster.",
  remediation: "Set web.submit.enable: false.",
  reference: flinkDocs("Configuration", "deployment/config/"),
  why: `With ${SUBMIT}, the default, whoever may look at the web UI may run any code. An application has its job with it and needs no other. A session cluster needs the option, so only those are looked at that are exposed, and to which this stack sends no jobs. It is advice: the option shuts only the web UI's way, and whoever reaches the REST API still has others. Who reaches it is what flink-rest-exposed and flink-network-policy are about.`,
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
    // What submits the jobs of this stack goes the same way.
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
  description: "The web UI of an exposed cluster cancels no jobs.",
  remediation: "Set web.cancel.enable: false.",
  reference: flinkDocs("Configuration", "deployment/config/"),
  why: "With web.cancel.enable, the default, whoever may look at the web UI may end a job.",
  option: "web.cancel.enable",
  // The Flink operator turns it off where nobody says anything.
  isSafe: (text, { jobManager }) => text === "false" || (text === undefined && jobManager?.isCustom === true),
  expected: "false",
});

export const restTls = exposedOption({
  name: "flink-rest-tls",
  description: "An exposed REST API speaks TLS.",
  remediation: "Set security.ssl.rest.enabled: true, with key stores from a Secret.",
  reference: flinkDocs("SSL Setup", "deployment/security/security-ssl/"),
  controls: { "nsa-cisa": ["encryption"] },
  why: "What is in jobs, logs and configuration, and the jars that are sent, pass the network in plain text.",
  option: "security.ssl.rest.enabled",
  isSafe: (_text, cluster) => hasTls(cluster, "rest"),
  expected: "true",
});

export const restOrigin = exposedOption({
  name: "flink-rest-origin",
  description: "An exposed REST API names the web sites that may use it.",
  remediation: "Set web.access-control-allow-origin to the address of the web UI.",
  reference: flinkDocs("Configuration", "deployment/config/"),
  why: "web.access-control-allow-origin is * by default: any page that a person with access opens may call Flink from their browser.",
  option: "web.access-control-allow-origin",
  isSafe: (text) => text !== undefined && text !== "*",
  expected: "the address of the web UI",
});

export const internalTls = clusterRule({
  name: "flink-internal-tls",
  description: "Flink's processes speak TLS with each other, or are shut off by a NetworkPolicy.",
  remediation:
    "Set security.ssl.internal.enabled: true, or add a NetworkPolicy that lets in only Flink's own pods.",
  reference: flinkDocs("SSL Setup", "deployment/security/security-ssl/"),
  controls: { "nsa-cisa": ["encryption"] },
  why: "Whoever reaches the RPC or blob port of a JobManager runs any code in the cluster. Certificates, or a network that lets only Flink's own pods there, prevent that.",
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
      expected: "one of both",
      fix: `Set ${key} with a key store, or add a NetworkPolicy.`,
    });
  },
});

/** Policies that say who may reach a process: those of which that is not known count. */
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
  description: "A NetworkPolicy lets only those to Flink who have to be let.",
  remediation:
    "Add NetworkPolicies that let in only Flink's own pods, and those that are to reach the REST API.",
  reference: kubernetesDocs("Network Policies", "concepts/services-networking/network-policies/"),
  controls: { cis: ["5.3.2"], "nsa-cisa": ["network-policies"] },
  why: "None of Flink's ports asks for a password. Without a policy every pod of every namespace, taken over or not, reaches them.",
  level: "mandatory",
  severity: "high",
  check(cluster, run, stack) {
    for (const process of cluster.all) {
      const policies = policiesFor(stack, cluster, process);
      if (policies.length === 0) {
        if (process.isCustom && process.role === "taskmanager") continue;
        run.violation(process.pod.metadata.get("labels"), {
          actual: "of pods that no NetworkPolicy selects",
          expected: "a policy for ingress that names who may reach them",
          fix: "Add a NetworkPolicy for JobManager and TaskManagers that lets their own labels to each other.",
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
            fix: "Name them by podSelector and namespaceSelector.",
          });
        }
      }
    }
  },
});

/**
 * Whether a Service is in front of a part of Flink that is no JobManager or TaskManager: by what runs in the pods that it selects, and where
 * these are not in the stack by what it is called.
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
      expected: "a proxy in front that authenticates",
      fix: "Make it a ClusterIP, or put a proxy in front.",
    });
  }
}

const gateway = { port: PORTS.sqlGateway, names: ["sql-gateway"], what: "a SQL Gateway" };

export const sqlGateway = stackRule<typeof proxies>({
  name: "flink-sql-gateway",
  description: "Nobody reaches a SQL Gateway from outside without having said who they are.",
  remediation: "Leave the Ingress or the external Service out, or put authentication before it.",
  reference: flinkDocs("SQL Gateway", "dev/table/sql-gateway/overview/"),
  controls: { "nsa-cisa": ["network-policies"] },
  why: "The SQL Gateway asks for no password, and by SQL with functions any code can be run.",
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
/** Where the reporters for Prometheus listen unless they are told otherwise. */
const PROMETHEUS = "9249";

/** Ports on which the reporters of a process give its metrics to everybody who asks. */
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
  description:
    "Nobody reads Flink's metrics or its History Server from outside without having said who they are.",
  remediation: "Leave the Ingress or the external Service out, or put authentication before it.",
  reference: flinkDocs("Metric Reporters", "deployment/metric_reporters/"),
  controls: { "nsa-cisa": ["network-policies"] },
  why: "Neither asks for a password. The History Server shows the configuration, the program's arguments and the exceptions of every job that has ended, and metrics what is processed, and how much of it.",
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
  description: "The address of the JobManager is a Service that selects it, and only it.",
  remediation:
    "Add a Service of the name in jobmanager.rpc.address that selects the JobManager's labels and has its ports.",
  reference: flinkDocs("Kubernetes Setup", "deployment/resource-providers/standalone/kubernetes/"),
  why: "TaskManagers register at jobmanager.rpc.address. Where that is no Service, or one that also selects TaskManagers, they never find the JobManager, or only sometimes.",
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
        fix: "Add the label that tells the roles apart, such as component: jobmanager.",
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
    // A headless Service also has a pod's own name, where the pod says both.
    const pod = jobManager.pod.spec;
    const says = (field: string, text: string | undefined) =>
      pod.get(field).isUnknown || pod.get(field).text() === text;
    const isPod = says("hostname", first) && says("subdomain", second);
    const named = serviceOf(isPod ? second : first);
    const selected =
      named && selectsLabels(named.spec.get("selector"), jobManager.pod.metadata.get("labels"));
    if ((named && selected !== false) || (!named && configuration.isPartial)) return;
    run.violation(address.at, {
      actual: `setting jobmanager.rpc.address to ${address.text}, which is ${named ? "a Service that does not select the JobManager" : "no Service of this stack"}`,
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

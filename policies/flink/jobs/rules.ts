import { milliseconds } from "../../../components/flink/durations";
import { schemeOf } from "../../../components/flink/file-systems";
import {
  accountOf as accountNamed,
  type Container,
  type Options,
  option,
  type Resource,
  resourceRule,
  type Run,
  sameNamespace,
  type Stack,
  stackRule,
  type Value,
  flinkDocs,
  operatorDocs,
} from "../../core";
import { INTERVAL } from "../durability/rules";
import { clustersOf, type FlinkCluster, mayHaveFlink } from "../reading/clusters";
import { durableJobs } from "../reading/jobs";
import { type FlinkProcess, processesOf } from "../reading/processes";
import { mayHoldSettings, settingsIn } from "../reading/settings";
import { clusterRule } from "../rule-kinds";

const custom = ["flink.apache.org/FlinkDeployment", "flink.apache.org/FlinkSessionJob"];

const artifact = {
  schemes: option<string[]>(
    ["local", "https", "s3", "s3a", "s3p", "gs", "abfs", "abfss", "wasb", "wasbs", "hdfs", "oss"],
    "Allowed URI schemes of jars.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

export const jobArtifact = resourceRule<typeof artifact>({
  name: "flink-job-artifact",
  description: "The jar of a job comes from a place where nobody can change it in transit.",
  remediation: "Fetch the jar by https or from an object store, or put it into the image.",
  reference: operatorDocs("Custom Resource Overview", "custom-resource/overview/"),
  controls: { "nsa-cisa": ["secure-images"] },
  why: "The code in the jar runs with all rights of the cluster. Over http anybody in between can replace it, no matter whether Flink, the Flink operator or an init container fetches it.",
  level: "mandatory",
  severity: "high",
  options: artifact,
  applies: mayNameArtifacts,
  check(resource, run) {
    const allowed = `a URI with one of ${run.config.schemes.join(", ")}`;
    const fix = "Put the jar into the image (local:///opt/flink/usrlib/job.jar), or serve it by https.";
    for (const { at, uri, isOption } of artifactsOf(resource)) {
      const scheme = schemeOf(uri);
      // In an option, a path without a scheme is in the container. The operator demands a scheme.
      if (isOption && (scheme === undefined || scheme === "file")) continue;
      if (scheme !== undefined && run.config.schemes.includes(scheme)) continue;
      run.violation(at, { actual: `naming ${uri}`, expected: allowed, fix });
    }
    for (const { key, text, at } of settingsIn(resource)) {
      if (key !== "user.artifacts.raw-http-enabled" || text.toLowerCase() !== "true") continue;
      run.violation(at, { actual: `setting ${key} to true`, expected: "false", fix: "Leave it out." });
    }
    for (const { at, uri } of downloadsOf(resource)) {
      if (schemeOf(uri) !== "http") continue;
      run.violation(at, { actual: `fetching ${uri}`, expected: "https", fix });
    }
  },
});

const pinning = {
  moving: option<string[]>(
    ["latest", "snapshot", "nightly", "main", "master", "head"],
    "Words in a file name that mark it as replaced by newer versions.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

export const pinnedArtifact = resourceRule<typeof pinning>({
  name: "flink-pinned-artifact",
  description: "A job runs the same file at each start.",
  remediation: "Put a version into the jar's address, or put the jar into an image with a digest.",
  reference: operatorDocs("Custom Resource Overview", "custom-resource/overview/"),
  controls: { "nsa-cisa": ["secure-images"] },
  why: "If the file behind a name changes, as with latest or SNAPSHOT, a JobManager that comes back after a failure runs another program than the one that wrote the state. An init container that does not compare a checksum fetches any file that the server has at that time. The Flink operator and Flink itself have no setting for a checksum, so the rule can only look at the name.",
  level: "advisory",
  severity: "medium",
  options: pinning,
  applies: mayNameArtifacts,
  check(resource, run) {
    const words = run.config.moving.map((word) => word.replace(/\W/g, "\\$&"));
    const moves = new RegExp(`(?:^|[/_.-])(?:${words.join("|")})(?=[/_.-]|$)`, "i");
    const all = [...artifactsOf(resource), ...downloadsOf(resource)];
    for (const { at, uri } of all) {
      const [, place] = /^(?!local:|file:)[a-z][\w+.-]*:\/\/[^/]*(\/.*)$/i.exec(uri) ?? [];
      if (place === undefined || run.config.moving.length === 0 || !moves.test(place)) continue;
      run.violation(at, {
        actual: `naming ${uri}, which may change`,
        expected: "a name with a version",
        fix: "Put the jar into the image, or write the version.",
      });
    }
    for (const { at, uri, isChecked } of downloadsOf(resource)) {
      if (isChecked) continue;
      run.violation(at, {
        actual: `fetching ${uri} without verifying it`,
        expected: "a comparison with a checksum",
        fix: 'Add for example: echo "<checksum>  job.jar" | sha256sum -c -',
      });
    }
  },
});

/** Whether a resource may name the program of a job. */
function mayNameArtifacts(resource: Resource): boolean {
  return resource.is(...custom, "flink.apache.org/FlinkBlueGreenDeployment") || mayHoldSettings(resource);
}

interface Artifact {
  at: Value;
  uri: string;
}

const artifactOptions = ["user.artifacts.artifact-list", "pipeline.jars", "pipeline.classpaths"];

/** The jars that a resource names: in a custom resource, in options, and in a JobManager's arguments. */
function artifactsOf(resource: Resource): (Artifact & { isOption: boolean })[] {
  const base =
    resource.kind === "FlinkBlueGreenDeployment" ? resource.spec.get("template", "spec") : resource.spec;
  const at = base.get("job", "jarURI");
  const own = resource.group === "flink.apache.org" ? at.text() : undefined;
  const options = settingsIn(resource)
    .filter(({ key }) => artifactOptions.includes(key))
    .flatMap((setting) => partsOf(setting.text).map((uri) => ({ at: setting.at, uri, isOption: true })));
  const given = processesOf(resource).flatMap(({ container }) => jarsOf(container));
  return [...(own === undefined ? [] : [{ at, uri: own, isOption: false }]), ...options, ...given];
}

function partsOf(text: string): string[] {
  return text.split(/[;,]/).flatMap((part) => part.trim() || []);
}

/** `--jars uri uri …` of a JobManager in application mode. */
function jarsOf(container: Container): (Artifact & { isOption: boolean })[] {
  const words = ["command", "args"].flatMap((field) => container.get(field).list());
  const start = words.findIndex((word) => /^(--jars|-j)$/.test(word.text() ?? ""));
  if (start < 0) return [];
  const rest = words.slice(start + 1);
  const end = rest.findIndex((word) => word.isUnknown || word.text()?.startsWith("-") === true);
  return (end < 0 ? rest : rest.slice(0, end)).flatMap((at) =>
    partsOf(at.text() ?? "").map((uri) => ({ at, uri, isOption: true })),
  );
}

/** Files that init containers of Flink's pods fetch from web servers, as far as their commands show it. */
function downloadsOf(resource: Resource): (Artifact & { isChecked: boolean })[] {
  const pods = new Set(processesOf(resource).map(({ pod }) => pod));
  return [...pods].flatMap(({ containers }) =>
    containers
      .filter(({ type }) => type === "init")
      .flatMap((container) => {
        const words = ["command", "args"].flatMap((field) => container.get(field).list());
        const text = words.map((word) => word.text() ?? "").join(" ");
        const isUnknown = words.some((word) => word.isUnknown);
        const isChecked = isUnknown || /sha\d+sum|openssl\s+dgst|cosign|gpg|minisign|--checksum/.test(text);
        return words.flatMap((at) =>
          [...(at.text() ?? "").matchAll(/https?:\/\/[^\s"'`;|&]+\.(?:jar|zip|tgz|gz|py|whl)\b/gi)].map(
            ([uri]) => ({
              at,
              uri,
              isChecked,
            }),
          ),
        );
      }),
  );
}

const transactionTimeout = /transaction\.timeout\.ms["']?[\s=:,]+["']?(\d+)/g;

export const kafkaTransactions = clusterRule({
  name: "flink-kafka-transactions",
  description: "Kafka keeps a transaction open for longer than the time between two checkpoints.",
  remediation:
    "Raise transaction.timeout.ms of the producer above the longest time between two checkpoints, and transaction.max.timeout.ms of the brokers with it.",
  reference: flinkDocs("Kafka connector, fault tolerance", "connectors/datastream/kafka/"),
  why: "With exactly-once a transaction is committed when the checkpoint is complete. Kafka aborts it after transaction.timeout.ms, and the records in it are lost. The rule reads the timeout from a job's arguments or its SQL. It cannot see a timeout inside the program.",
  level: "advisory",
  severity: "medium",
  check(cluster, run, stack) {
    for (const job of durableJobs(stack, cluster)) {
      const interval =
        job.settings.findLast(({ key }) => key === INTERVAL) ?? cluster.configuration.get(INTERVAL);
      const every = milliseconds(interval?.text ?? "");
      if (!interval || every === undefined) continue;
      for (const { at, timeout } of timeoutsIn(job.program)) {
        if (timeout > every) continue;
        run.violation(at, {
          actual: `ending Kafka's transactions after ${timeout} ms, with a checkpoint every ${interval.text}`,
          expected: "a time longer than the interval, and longer than the longest restart",
          fix: "Write for example 900000, which brokers allow by default.",
        });
      }
    }
  },
});

/** In one text, or as two arguments. */
function timeoutsIn(program: readonly Value[]): { at: Value; timeout: number }[] {
  return program.flatMap((at, index) => {
    const text = at.text() ?? "";
    const next = /transaction\.timeout\.ms$/.test(text) ? (program[index + 1]?.text() ?? "") : "";
    return [...`${text} ${next}`.matchAll(transactionTimeout)].map(([, number]) => ({
      at,
      timeout: Number(number),
    }));
  });
}

export const sessionCluster = clusterRule({
  name: "flink-session-cluster",
  description: "Every job has its own cluster.",
  remediation: "Run the job as an application, with its own cluster.",
  reference: flinkDocs("Deployment, modes", "deployment/overview/"),
  why: "Jobs of a session cluster share processes, memory and credentials: one that fails takes the others with it, and each can read the data of the others. The rule is off by default, because many small jobs are a good reason for a session cluster.",
  level: "disabled",
  severity: "low",
  check({ jobManager, configuration }, run) {
    if (!jobManager || jobManager.isApplication || configuration.isPartial) return;
    const { container, resource } = jobManager;
    if (resource.spec.get("job").isUnknown) return;
    run.violation(container.value, {
      actual: "of a session cluster",
      expected: "application mode",
      fix: "Use standalone-job, a FlinkApplication, or spec.job of a FlinkDeployment.",
    });
  },
});

const forbidden = ["kubernetes.namespace", "kubernetes.cluster-id", "high-availability.cluster-id"];

export const names = resourceRule({
  name: "flink-custom-resource",
  description: "The Flink operator accepts the custom resources.",
  remediation: "Write the name or the key as the operator accepts it.",
  reference: operatorDocs("Custom Resource Overview", "custom-resource/overview/"),
  why: "The operator refuses a wrong custom resource only during the update: in its webhook, or later in the status.",
  level: "mandatory",
  severity: "medium",
  applies: (resource) => resource.is(...custom),
  check(resource, run) {
    const at = resource.metadata.get("name");
    const name = at.text();
    if (name !== undefined && (name.length > 45 || !/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name))) {
      run.violation(at, { expected: "at most 45 lower-case letters, digits and dashes", fix: "Shorten it." });
    }
    for (const [key, value] of resource.spec.get("flinkConfiguration").entries()) {
      if (forbidden.includes(key))
        run.violation(value, {
          expected: "no value, because the operator sets it",
          fix: `Leave ${key} out.`,
        });
    }
    const parallelism = resource.spec.get("job", "parallelism");
    if ((parallelism.number() ?? 1) < 1)
      run.violation(parallelism, { expected: "1 or more", fix: "Write 1." });
    for (const role of ["jobManager", "taskManager"]) {
      const replicas = resource.spec.get(role, "replicas");
      if ((replicas.number() ?? 1) < 1)
        run.violation(replicas, { expected: "1 or more", fix: "Leave it out." });
      const both = resource.spec.get(role, "resource");
      if (resource.is("FlinkDeployment") && both.isPresent && both.get("memory").isMissing)
        run.violation(both.get("memory"), { expected: "a size, such as 2048m", fix: "Write it." });
    }
  },
});

/** Resources that Flink's native Kubernetes integration creates and reads. */
const nativeResources = ["configmaps", "pods", "services", "deployments", "deployments/finalizers"];

const rights = {
  resources: option<string[]>(
    [],
    "Resources of the Kubernetes API that jobs of these clusters use themselves, such as `leases`.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

export const haRights = stackRule<typeof rights>({
  name: "flink-ha-rights",
  description: "Flink's service account has the rights for high availability, and no more.",
  remediation: "Give the service account a Role for the ConfigMaps of high availability, and no more.",
  reference: flinkDocs("Kubernetes HA Services", "deployment/ha/kubernetes_ha/"),
  controls: { "nsa-cisa": ["rbac"] },
  why: "A job runs as this account, so it has all rights of the account: to Secrets, wildcards, cluster-wide rights, and rights to other resources. High availability needs ConfigMaps of its namespace, whose names are not known in advance. Flink's native Kubernetes integration also needs pods, Services and Deployments. Without either, Flink does not use the Kubernetes API. The rule accepts rights to named objects (resourceNames), because they are deliberate. The rule service-account-token of the pack kubernetes covers tokens that are mounted but not used.",
  level: "mandatory",
  severity: "high",
  options: rights,
  applies: mayHaveFlink,
  check(stack, run) {
    const bindings = bindingsByAccount(stack);
    const seen = new Set<string>();
    for (const cluster of clustersOf(stack)) {
      for (const process of cluster.all) {
        const { resource } = process;
        const account = accountOf(process);
        const name = account?.text();
        if (name === undefined) continue;
        const own = (bindings.get(name) ?? []).filter(({ binding, subject }) =>
          isBoundTo(binding, subject, resource),
        );
        const roles = own.map(({ binding }) => rolesOf(stack, binding));
        const needed = neededBy(cluster, process);
        if (needed && needed.length > 0 && lacksConfigMaps(stack, resource, name, roles)) {
          run.violation(account!, {
            actual: `${name}, which no RoleBinding of this stack allows to write ConfigMaps`,
            expected: "a RoleBinding of a Role for configmaps",
            fix: "Add the Role and its RoleBinding: without them the JobManager never becomes the leader.",
          });
        }
        own.forEach(({ binding }, index) => {
          if (seen.has(binding.urn)) return;
          seen.add(binding.urn);
          if (binding.is("ClusterRoleBinding")) {
            run.violation(binding.props.get("roleRef"), {
              actual: "cluster-wide rights of Flink",
              expected: "a RoleBinding in its namespace",
              fix: "Use a RoleBinding.",
            });
          }
          for (const role of roles[index]!) checkRole(role, needed, run);
        });
      }
    }
  },
});

function accountOf({ resource, pod, isCustom }: FlinkProcess): Value | undefined {
  const [own, ofPod] = [resource.spec.get("serviceAccount"), accountNamed(pod)];
  return isCustom && own.text() !== undefined ? own : ofPod;
}

interface Bound {
  binding: Resource;
  subject: Value;
}

/** Bindings by the service accounts that they name. */
function bindingsByAccount(stack: Stack): Map<string, Bound[]> {
  const found = new Map<string, Bound[]>();
  for (const binding of bindingsOf(stack)) {
    for (const subject of binding.props.get("subjects").list()) {
      const name = subject.get("name").text();
      if (subject.get("kind").text() !== "ServiceAccount" || name === undefined) continue;
      const before = found.get(name);
      if (before) before.push({ binding, subject });
      else found.set(name, [{ binding, subject }]);
    }
  }
  return found;
}

function bindingsOf(stack: Stack): Resource[] {
  return stack.kinds("rbac.authorization.k8s.io/RoleBinding", "rbac.authorization.k8s.io/ClusterRoleBinding");
}

/** Whether a binding certainly belongs to an account of this name in a resource's namespace. */
function isBoundTo(binding: Resource, subject: Value, resource: Resource): boolean {
  const [named, own] = [subject.get("namespace"), resource.metadata.get("namespace")];
  if ([named.isUnknown, own.isUnknown].includes(true)) return false;
  if (named.text() !== undefined && named.text() !== (own.text() ?? "default")) return false;
  return binding.is("ClusterRoleBinding") || sameNamespace(binding, resource) === true;
}

function rolesOf(stack: Stack, binding: Resource): Resource[] {
  const reference = binding.props.get("roleRef");
  const name = reference.get("name").text();
  if (reference.get("kind").text() === "ClusterRole")
    return [...stack.named("rbac.authorization.k8s.io/ClusterRole", name)];
  const roles = stack.named("rbac.authorization.k8s.io/Role", name);
  return roles.filter((role) => sameNamespace(role, binding) === true);
}

/** Resources of the Kubernetes API that Flink itself uses; undefined while unknown. */
function neededBy({ configuration }: FlinkCluster, process: FlinkProcess): string[] | undefined {
  const words = ["command", "args"].flatMap((field) => process.container.get(field).list());
  const isNative = words.some((word) => /kubernetes-(job|task)manager/.test(word.text() ?? ""));
  if (process.isCustom || isNative) return nativeResources;
  const type = configuration.text("high-availability.type");
  if (type === undefined && configuration.isPartial) return undefined;
  return /^kubernetes$|KubernetesHaServicesFactory/.test(type ?? "") ? ["configmaps"] : [];
}

/**
 * Only for an account of this stack, since its rights are in the stack too, and only if all rights are
 * visible.
 */
function lacksConfigMaps(stack: Stack, resource: Resource, account: string, roles: Resource[][]): boolean {
  const made = stack.named("/ServiceAccount", account).some((it) => sameNamespace(it, resource) === true);
  if (!made || resource.group === "flink.apache.org" || roles.some((found) => found.length === 0))
    return false;
  const rules = roles.flat().flatMap(({ props }) => [props.get("rules"), ...props.get("rules").list()]);
  if (rules.map((rule) => rule.isUnknown).includes(true)) return false;
  if (rules.some((rule) => rule.get("resources").includes("configmaps", "*") !== false)) return false;
  return !stack.once("bindings of anybody", () => bindingsOf(stack).some(mayBindAnybody));
}

/** Whether a binding's account is unknown, or the binding is for a group. */
function mayBindAnybody(binding: Resource): boolean {
  const subjects = binding.props.get("subjects");
  const hidden = subjects.list().flatMap((it) => [it, it.get("kind"), it.get("name"), it.get("namespace")]);
  const own = [
    binding.metadata.get("namespace"),
    ...["kind", "name"].map((key) => binding.props.get("roleRef", key)),
  ];
  const isHidden = [subjects, ...own, ...hidden].map((it) => it.isUnknown);
  return isHidden.includes(true) || subjects.list().some((it) => it.get("kind").text() === "Group");
}

function checkRole(role: Resource, needed: string[] | undefined, run: Run<typeof rights>): void {
  const fix = "Name resources and verbs: get, list, watch, create, update, patch, delete of configmaps.";
  for (const rule of role.props.get("rules").list()) {
    const resources = rule.get("resources");
    const isWide = rule.get("verbs").includes("*") === true || resources.includes("*") === true;
    const hasSecrets = resources.includes("secrets") === true;
    if (isWide || hasSecrets) {
      run.violation(hasSecrets ? resources : rule, {
        expected:
          "configmaps, and for Flink's own Kubernetes integration pods, services and deployments, with verbs by name",
        fix,
      });
      continue;
    }
    if (!needed || rule.get("resourceNames").isUnknown || rule.get("resourceNames").list().length > 0)
      continue;
    const allowed = [...needed, ...run.config.resources];
    const others = resources.list().filter((it) => it.text() !== undefined && !allowed.includes(it.text()!));
    if (others.length === 0) continue;
    run.violation(resources, {
      expected:
        needed.length === 0
          ? "no rights: without high availability Flink does not use the Kubernetes API"
          : `only ${allowed.join(", ")}`,
      fix: "Remove the others, name the objects (resourceNames), or list the resources in this rule's option resources.",
    });
  }
}

export const operatorRelease = resourceRule({
  name: "flink-operator-release",
  description: "The Flink operator watches named namespaces only, and validates custom resources.",
  remediation: "Name the namespaces in watchNamespaces, keep the webhook, and pin the chart's version.",
  reference: operatorDocs("Role-based Access Control Model", "operations/rbac/"),
  controls: { "nsa-cisa": ["rbac"] },
  why: "An operator for all namespaces has the rights to create pods and read Secrets everywhere. Whoever may create a FlinkDeployment has these rights too.",
  level: "advisory",
  severity: "medium",
  applies: (resource) => resource.is("Release", "Chart") && /helm/.test(`${resource.group}${resource.type}`),
  check(resource, run) {
    const chart = resource.props.get("chart").text();
    if (chart === undefined || !/flink-kubernetes-operator/.test(chart)) return;
    const values = resource.props.get("values");
    const watch = values.get("watchNamespaces");
    if (watch.isAbsent && !watch.isUnknown)
      run.violation(watch, {
        expected: "the namespaces of the Flink clusters",
        fix: "List them in values.watchNamespaces.",
      });
    const webhook = values.get("webhook", "create");
    if (webhook.boolean() === false) run.violation(webhook, { expected: "true", fix: "Leave it out." });
    const memory = values.get("operatorPod", "resources", "limits", "memory");
    if (memory.isAbsent)
      run.violation(memory, {
        expected: "a limit, which the chart does not have",
        fix: "Set values.operatorPod.resources, requests and limits.",
      });
    const version = resource.props.get("version");
    if (version.isAbsent)
      run.violation(version, { expected: "a version", fix: "Write the version of the chart." });
    const replicas = values.get("replicas");
    const election = values.get("defaultConfiguration", "flink-conf.yaml");
    if ((replicas.number() ?? 1) < 2 || election.isUnknown) return;
    if (/leader-election\.enabled: *true/.test(election.text() ?? "")) return;
    run.violation(replicas, {
      expected: "1, or leader election",
      fix: "Set kubernetes.operator.leader-election.enabled: true.",
    });
  },
});

export const rules = [
  jobArtifact,
  pinnedArtifact,
  kafkaTransactions,
  sessionCluster,
  names,
  haRights,
  operatorRelease,
];

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
    "Schemes of the URIs that jars may come from.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

export const jobArtifact = resourceRule<typeof artifact>({
  name: "flink-job-artifact",
  description: "The jar of a job comes from where nobody can change it on the way.",
  remediation: "Fetch the jar by https or from an object store, or put it into the image.",
  reference: operatorDocs("Custom Resource Overview", "custom-resource/overview/"),
  controls: { "nsa-cisa": ["secure-images"] },
  why: "What is in the jar runs with all rights of the cluster. Over http anybody on the way can put another one in its place: whether Flink fetches it, the Flink operator, or an init container.",
  level: "mandatory",
  severity: "high",
  options: artifact,
  applies: mayNameArtifacts,
  check(resource, run) {
    const allowed = `a URI with one of ${run.config.schemes.join(", ")}`;
    const fix = "Put the jar into the image (local:///opt/flink/usrlib/job.jar), or serve it by https.";
    for (const { at, uri, isOption } of artifactsOf(resource)) {
      const scheme = schemeOf(uri);
      // A path is one of the container, which is what options take it for; the operator demands a scheme.
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
    "Words in the name of a file that say that it is replaced by newer ones.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

export const pinnedArtifact = resourceRule<typeof pinning>({
  name: "flink-pinned-artifact",
  description: "What a job runs is the same file at each start.",
  remediation: "Name a version in the jar's address, or put the jar into an image with a digest.",
  reference: operatorDocs("Custom Resource Overview", "custom-resource/overview/"),
  controls: { "nsa-cisa": ["secure-images"] },
  why: "Under a name that moves, such as latest or SNAPSHOT, a JobManager that comes back after a failure runs another program than the one that wrote the state. What an init container fetches without looking at its checksum is whatever the server has by then. Where the Flink operator or Flink itself fetches a jar there is no place for a checksum: only the name can be looked at.",
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
        actual: `naming ${uri}, which moves`,
        expected: "a name with the version in it",
        fix: "Put the jar into the image, or write the version.",
      });
    }
    for (const { at, uri, isChecked } of downloadsOf(resource)) {
      if (isChecked) continue;
      run.violation(at, {
        actual: `fetching ${uri} without a look at what comes`,
        expected: "a checksum that is compared",
        fix: 'Add such as: echo "<checksum>  job.jar" | sha256sum -c -',
      });
    }
  },
});

/** Whether a resource may say what a job runs. */
function mayNameArtifacts(resource: Resource): boolean {
  return resource.is(...custom, "flink.apache.org/FlinkBlueGreenDeployment") || mayHoldSettings(resource);
}

interface Artifact {
  at: Value;
  uri: string;
}

const artifactOptions = ["user.artifacts.artifact-list", "pipeline.jars", "pipeline.classpaths"];

/** The jars that a resource names: of a custom resource, of options, and of a JobManager's arguments. */
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

/** `--jars uri uri …` of a JobManager that carries a job. */
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

/** What init containers of Flink's pods fetch from web servers, as far as their commands say. */
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
  why: "With exactly-once a transaction is committed when the checkpoint is complete. Kafka ends it after transaction.timeout.ms, and with it goes what was written. The rule reads the timeout where a job's arguments or its SQL say it; one that is written in the program nobody can see.",
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
          expected: "a time that is longer than the interval, and than the longest restart",
          fix: "Write such as 900000, which brokers allow unless they say otherwise.",
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
  description: "Every job has a cluster of its own.",
  remediation: "Run the job as an application, with a cluster of its own.",
  reference: flinkDocs("Deployment, modes", "deployment/overview/"),
  why: "Jobs of a session cluster share processes, memory and credentials: one that fails takes the others with it, and each can read what the others can. It is off by default: many small jobs are a good reason for one.",
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
  description: "Custom resources are ones that the Flink operator takes.",
  remediation: "Write the name or the key as the operator takes it.",
  reference: operatorDocs("Custom Resource Overview", "custom-resource/overview/"),
  why: "The operator refuses them only when they are there already: in its webhook, or later in their status.",
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
        run.violation(value, { expected: "nothing, as the operator sets it", fix: `Leave ${key} out.` });
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

/** What Flink's own integration with Kubernetes makes and looks at. */
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
  description: "Flink's service account may do what high availability needs, and no more.",
  remediation:
    "Give the service account a Role with the ConfigMaps that high availability needs, and no more.",
  reference: flinkDocs("Kubernetes HA Services", "deployment/ha/kubernetes_ha/"),
  controls: { "nsa-cisa": ["rbac"] },
  why: "Whoever submits a job runs as this account: with secrets, wildcards, cluster-wide rights or rights to other resources the job has them too. High availability needs ConfigMaps of its namespace, under names that nobody knows before; Flink's own Kubernetes integration also pods, Services and Deployments. Without either Flink asks Kubernetes for nothing. Rights to objects that are named (resourceNames) are left alone, as somebody has thought of them. Whether a token is mounted that nobody uses is what service-account-token of the pack kubernetes is about.",
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
            actual: `${name}, which no RoleBinding of this stack lets write ConfigMaps`,
            expected: "a Role for configmaps that is bound to it",
            fix: "Add the Role and its RoleBinding: without them the JobManager never leads.",
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

/** Whether a binding is known to be one of an account of this name in a resource's namespace. */
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

/** What Flink itself asks Kubernetes for; undefined when that is not known. */
function neededBy({ configuration }: FlinkCluster, process: FlinkProcess): string[] | undefined {
  const words = ["command", "args"].flatMap((field) => process.container.get(field).list());
  const isNative = words.some((word) => /kubernetes-(job|task)manager/.test(word.text() ?? ""));
  if (process.isCustom || isNative) return nativeResources;
  const type = configuration.text("high-availability.type");
  if (type === undefined && configuration.isPartial) return undefined;
  return /^kubernetes$|KubernetesHaServicesFactory/.test(type ?? "") ? ["configmaps"] : [];
}

/** Only where the account is made in this stack, so that its rights are, too; and only where they can all be seen. */
function lacksConfigMaps(stack: Stack, resource: Resource, account: string, roles: Resource[][]): boolean {
  const made = stack.named("/ServiceAccount", account).some((it) => sameNamespace(it, resource) === true);
  if (!made || resource.group === "flink.apache.org" || roles.some((found) => found.length === 0))
    return false;
  const rules = roles.flat().flatMap(({ props }) => [props.get("rules"), ...props.get("rules").list()]);
  if (rules.map((rule) => rule.isUnknown).includes(true)) return false;
  if (rules.some((rule) => rule.get("resources").includes("configmaps", "*") !== false)) return false;
  return !stack.once("bindings of anybody", () => bindingsOf(stack).some(mayBindAnybody));
}

/** A binding whose account is not known, or that is for a group. */
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
          ? "nothing: without high availability Flink asks for nothing"
          : `only ${allowed.join(", ")}`,
      fix: "Take the others out, name the objects (resourceNames), or list them in this rule's option resources.",
    });
  }
}

export const operatorRelease = resourceRule({
  name: "flink-operator-release",
  description: "The Flink operator watches named namespaces only, and checks what it is given.",
  remediation: "Name the namespaces in watchNamespaces, keep the webhook, and pin the chart's version.",
  reference: operatorDocs("Role-based Access Control Model", "operations/rbac/"),
  controls: { "nsa-cisa": ["rbac"] },
  why: "An operator for all namespaces holds the rights to create pods and read Secrets everywhere, and whoever may create a FlinkDeployment has them by it.",
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
        expected: "the namespaces of its clusters",
        fix: "List them in values.watchNamespaces.",
      });
    const webhook = values.get("webhook", "create");
    if (webhook.boolean() === false) run.violation(webhook, { expected: "true", fix: "Leave it out." });
    const memory = values.get("operatorPod", "resources", "limits", "memory");
    if (memory.isAbsent)
      run.violation(memory, {
        expected: "a limit: the chart has none",
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

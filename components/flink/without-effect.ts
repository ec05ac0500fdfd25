/**
 * Options of Flink that have no effect here, because neither a Flink client nor Flink's own resource manager
 * creates the pods.
 */

const native =
  "only Flink's native Kubernetes mode reads this, which creates its own pods; here the component creates them";
const active = "Flink reads this only if it starts its own TaskManagers; here Kubernetes starts them";
const yarn = "only Flink on YARN reads this";

/** Both roles have an argument of the same name. */
const roles = (argument: string) => `jobManager.${argument} and taskManager.${argument}`;
const use = (argument: string) => `leave it out, and set ${argument}`;

/**
 * Options of `kubernetes.jobmanager.*` and `kubernetes.taskmanager.*` that correspond to an argument of the
 * role.
 */
const ofRole: Record<string, string> = {
  cpu: "cpu",
  "cpu.amount": "cpu",
  "cpu.limit-factor": "cpu",
  "memory.limit-factor": "memory",
  labels: "podLabels",
  annotations: "podAnnotations",
  "node-selector": "nodeSelector",
  tolerations: "tolerations",
  "service-account": "serviceAccount.name",
  replicas: "replicas",
};

/** The Kubernetes client of high availability reads most of these. Other checks cover the rest. */
const readElsewhere =
  /^kubernetes\.(cluster-id|namespace|context|config\.file|client\.|transactional-operation\.|operator\.)/;

const table: [option: RegExp, reason: string, fix: string][] = [
  [/^kubernetes\.container\.image(\.ref)?$/, native, use("image")],
  [/^kubernetes\.container\.image\.pull-policy$/, native, use("imagePullPolicy")],
  [/^kubernetes\.container\.image\.pull-secrets$/, native, use("imagePullSecrets")],
  [/^kubernetes\.service-account$/, native, use(roles("serviceAccount.name"))],
  [/^kubernetes\.env\.secretKeyRef$/, native, use(`${roles("env")}, with valueFrom.secretKeyRef`)],
  [
    /^kubernetes\.(secrets|persistent-volume-claim.*)$/,
    native,
    use(`volumes and volumeMounts of jobManager and taskManager`),
  ],
  [
    /^kubernetes\.(hadoop\.conf\.config-map\.name|decorator\.hadoop-conf-mount\.enabled)$/,
    native,
    "mount the ConfigMap with volumes and volumeMounts of jobManager and taskManager, and set env.hadoop.conf.dir in config to the directory",
  ],
  [
    /^kubernetes\.decorator\.kerberos-mount\.enabled$/,
    native,
    "mount the files with volumes and volumeMounts of jobManager and taskManager",
  ],
  [
    /^kubernetes\.pod-template-file\b/,
    native,
    use(`${roles("podPatch")}, or the arguments for its settings`),
  ],
  [/^kubernetes\.hostnetwork\.enabled$/, native, `leave it out; as a last resort, use ${roles("podPatch")}`],
  [/^kubernetes\.rest-service\.exposed\./, native, use("exposure")],
  [/^kubernetes\.artifacts\./, native, "leave it out, and set jar of a FlinkJob: https://… or s3://…"],
  [/^kubernetes\.(jobmanager|taskmanager)\.entrypoint\.args$/, native, "put the options into config"],
  [/^kubernetes\.flink\.log\.dir$/, native, use('"env.log.dir" in config')],
  [/^kubernetes\./, native, "leave it out"],
  [/^external-resource\.[^.]+\.kubernetes\.config-key$/, native, use("the resource in taskManager.podPatch")],
  [/^containerized\.master\.env\./, active, use("jobManager.env")],
  [/^containerized\.taskmanager\.env\./, active, use("taskManager.env")],
  [
    /^(slotmanager\.((min|max)-total-resource\.(cpu|memory)|number-of-slots\.(min|max)|redundant-taskmanager-num)|resourcemanager\.taskmanager-timeout)$/,
    active,
    use("taskManager.replicas or autoscaling"),
  ],
  [
    /^resourcemanager\.(start-worker\..*|previous-worker\.recovery\.timeout|taskmanager-registration\.timeout)$/,
    active,
    "leave it out",
  ],
  [/^(yarn\.|external-resource\.[^.]+\.yarn\.config-key$)/, yarn, "leave it out"],
  [
    /^security\.kerberos\.krb5-conf\.path$/,
    "only a Flink client that makes the pods (native mode, YARN) reads this, and copies the file to them",
    "mount the file into jobManager and taskManager as /etc/krb5.conf (volumeMounts with subPath), or elsewhere with -Djava.security.krb5.conf=PATH in env.java.opts.all",
  ],
  [/^zookeeper\./, "there is no ZooKeeper: high availability uses Kubernetes", "leave it out"],
  [
    /^env\.(ssh\.opts|pid\.dir)$/,
    "only Flink's scripts for starting processes on other machines read this",
    "leave it out",
  ],
  [/^env\.java\.opts\.client$/, "no client of Flink runs here", "leave it out"],
  [/^execution\.target$/, "jobs run on this cluster, whatever the value", "leave it out"],
];

/** Why an option has no effect here, and what to do instead; undefined if it has an effect. */
export function withoutEffect(option: string): { reason: string; fix: string } | undefined {
  if (readElsewhere.test(option)) return undefined;
  // A map option may be written as one key for each entry.
  const [, role, name] =
    /^kubernetes\.(job|task)manager\.((?:labels|annotations|node-selector)(?=\.)|.+)/.exec(option) ?? [];
  if (role !== undefined && Object.hasOwn(ofRole, name)) {
    return { reason: native, fix: use(`${role}Manager.${ofRole[name]}`) };
  }
  const found = table.find(([pattern]) => pattern.test(option));
  return found && { reason: found[1], fix: found[2] };
}

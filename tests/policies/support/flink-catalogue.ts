/** One demand of the catalogue of Flink that the pack flink was written to. */
export interface Demand {
  what: string;
  /** Rules of the pack flink, or `kubernetes/NAME` of the other pack. */
  rules: readonly string[];
  /** What of the demand no rule looks at, and why. */
  left?: string;
}

/** F01 to F44, in order. */
export const flinkCatalogue: readonly Demand[] = [
  { what: "memory fits the container", rules: ["flink-memory-fits", "flink-memory-used"] },
  { what: "units of memory", rules: ["flink-memory-unit"] },
  { what: "memory request is the limit", rules: ["flink-memory-request"] },
  { what: "CPU for the slots", rules: ["flink-cpu-for-slots"] },
  {
    what: "overhead, metaspace, native memory",
    rules: ["flink-native-memory"],
    left: "how much a job needs shows only when it runs: the rule asks for floors",
  },
  { what: "REST API exposed", rules: ["flink-rest-exposed"] },
  {
    what: "no jars over the web UI of an application",
    rules: ["flink-web-submit"],
    left: "advice and not mandatory: the option shuts one way of several, and a correct cluster that only its own pods reach may leave it on",
  },
  { what: "no cancelling over an exposed web UI", rules: ["flink-web-cancel"] },
  {
    what: "origins, TLS and certificates of an exposed REST API",
    rules: ["flink-rest-origin", "flink-rest-tls", "flink-rest-exposed"],
  },
  { what: "TLS between the processes", rules: ["flink-internal-tls"] },
  {
    what: "keys and passwords of TLS, protocols, ciphers",
    rules: ["flink-tls-material", "flink-tls-stores"],
  },
  {
    what: "NetworkPolicies for both roles",
    rules: ["flink-network-policy", "kubernetes/network-policy", "kubernetes/network-policy-open"],
  },
  { what: "SQL Gateway exposed", rules: ["flink-sql-gateway"] },
  {
    what: "History Server, metrics, JMX, debuggers",
    rules: ["flink-monitoring-exposed", "flink-remote-debug"],
  },
  {
    what: "checkpoints of streaming jobs",
    rules: ["flink-checkpointing"],
    left: "an interval that the program sets itself nobody can see: declare it in the configuration, or exempt the job",
  },
  { what: "directories that last", rules: ["flink-durable-state"] },
  {
    what: "high availability, its storage and ids",
    rules: ["flink-high-availability", "flink-ha-storage"],
    left: "that there is high availability at all is asked for only where somebody turns the rule on: a correct cluster may do without",
  },
  { what: "replicas of the JobManager", rules: ["flink-job-manager-replicas"] },
  { what: "rights of the service account", rules: ["flink-ha-rights", "kubernetes/service-account-token"] },
  { what: "restart strategy", rules: ["flink-restart-strategy"] },
  { what: "checkpoints kept, in time, unaligned", rules: ["flink-checkpoint-settings"] },
  {
    what: "savepoints and upgrades",
    rules: ["flink-upgrade-mode", "flink-restored-state"],
    left: "a job that declares itself stateless is taken at its word, in production too",
  },
  {
    what: "slots for the parallelism",
    rules: ["flink-enough-slots"],
    left: "a parallelism that the program sets itself nobody can see",
  },
  { what: "autoscalers", rules: ["flink-scaled-task-managers", "kubernetes/autoscaler"] },
  {
    what: "disruption budgets",
    rules: ["flink-disruption-budget", "kubernetes/disruption-budget", "kubernetes/disruption-possible"],
  },
  {
    what: "spreading over nodes",
    rules: ["flink-spread", "kubernetes/spread"],
    left: "which nodes may be taken away at any time (spot) is told by labels of each provider's own; TaskManagers on one node cost a restart and no state, so that their spread is only asked for where somebody turns on spread",
  },
  {
    what: "time to stop",
    rules: ["flink-grace-period"],
    left: "not task.cancellation.timeout (180 s): a process of Flink ends itself five seconds after it was told to stop, so that more is of no use",
  },
  { what: "probes", rules: ["flink-probes", "kubernetes/probes", "kubernetes/pss-host-probes"] },
  { what: "versions with published holes, or no longer maintained", rules: ["flink-version"] },
  {
    what: "images that do not move and are the same",
    rules: ["flink-image", "flink-same-image", "kubernetes/image-digest"],
  },
  { what: "user and groups", rules: ["flink-user"] },
  {
    what: "read-only file system",
    rules: ["flink-writable-directories"],
    left: "where plugins are linked at the start differs from image to image",
  },
  { what: "local files have a limit", rules: ["flink-temporary-files"] },
  { what: "credentials in the configuration", rules: ["flink-credentials"] },
  {
    what: "jars come unchanged, pinned",
    rules: ["flink-job-artifact", "flink-pinned-artifact"],
    left: "where Flink or the operator fetches a jar there is no place for a checksum",
  },
  { what: "session clusters in production", rules: ["flink-session-cluster"] },
  { what: "a changed configuration starts the pods again", rules: ["flink-configuration-rollout"] },
  { what: "Service of the JobManager", rules: ["flink-job-manager-service"] },
  { what: "names and keys that the operator takes", rules: ["flink-custom-resource"] },
  {
    what: "the operator's own release",
    rules: ["flink-operator-release"],
    left: "no version of the operator has a published hole: there is no floor",
  },
  {
    what: "Java options",
    rules: ["flink-java-options", "flink-java-files"],
    left: "that a TaskManager ends on every OutOfMemoryError is not Flink's default: asked for only with exitOnOutOfMemory",
  },
  { what: "network of the node", rules: ["flink-host-network", "flink-host-network-option"] },
  {
    what: "Kafka's transactions and checkpoints",
    rules: ["flink-kafka-transactions"],
    left: "only where arguments or SQL name the timeout",
  },
  {
    what: "claims and buckets are protected",
    rules: ["flink-protected-state"],
    left: "the engine tells policies of protect, and not of retainOnDelete",
  },
];

export function numberOf(index: number): string {
  return `F${String(index + 1).padStart(2, "0")}`;
}

/** As rows of a table for the scoreboard, which lies in docs/. */
export function catalogueRows(): string[] {
  return flinkCatalogue.map(({ what, rules, left = "" }, index) => {
    const links = rules.map((name) => {
      const [pack, rule] = name.includes("/") ? name.split("/") : ["flink", name];
      return `[${rule}](policies/${pack}/${rule}.md)`;
    });
    return `| ${numberOf(index)} | ${what} | ${links.join(", ")} | ${left} |`;
  });
}

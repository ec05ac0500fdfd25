import assert from "node:assert/strict";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import { checkJob, jobModel, type ResolvedJobArgs } from "../../components/args/check-job";
import { checkOnCluster } from "../../components/args/check-job-config";
import type { FlinkJobArgs } from "../../components/args/job";
import { normaliseCluster } from "../../components/args/normalise";
import { describeWarning, type Problem } from "../../components/problems";
import { roleConfigMap } from "../../components/kubernetes/configuration";
import { modelOf } from "./kubernetes/arguments";
import { connection, jobArgs } from "./job/connection";

/** One rule that a Flink operator checks when an object is admitted, or that none checks, and what we say before anything is applied. */
interface Case {
  /** Where the rule comes from: its number in the Flink Kubernetes Operator's validator, or a name. */
  rule: string;
  /** The mistake, in arguments of a cluster, or of a job and the cluster it is for. */
  cluster?: unknown;
  name?: string;
  job?: unknown;
  on?: Partial<typeof connection>;
  /** What the person reads. */
  says: RegExp;
  /** The mistake does not stop the update. */
  warning?: true;
}

const memory = (value: string) => ({ jobManager: { memory: value } });
const s3 = { storage: { directory: "s3://state/orders" } };
const noSuchArgument = (name: string) => new RegExp(`there is no argument "${name}"`);
const operatorOnly = /only the Flink Kubernetes Operator reads this/;
const operatorOption = (option: string, value: string, rule: string): Case => ({
  rule,
  cluster: { config: { [option]: value } },
  says: operatorOnly,
  warning: true,
});

/** Rules 1 to 35: FlinkDeployment. */
const deployment: Case[] = [
  { rule: "1 name", name: "Orders_1", cluster: {}, says: /at most 45 lower-case letters/ },
  { rule: "1 name, its length", name: "o".repeat(46), cluster: {}, says: /at most 45/ },
  {
    rule: "2 flinkVersion is set",
    cluster: { flinkVersion: undefined },
    says: /flinkVersion.*depend on its version/s,
  },
  {
    rule: "3 flinkVersion is supported",
    cluster: { flinkVersion: "1.14.6" },
    says: /Flink 1\.14\.6 is not supported/,
  },
  {
    rule: "4 no version change while suspended: nothing is ever suspended",
    job: { state: "suspended" },
    says: noSuchArgument("state"),
  },
  {
    rule: "5 kubernetes.namespace",
    cluster: { config: { "kubernetes.namespace": "a" } },
    says: /the component sets the cluster's name and namespace/,
  },
  {
    rule: "5 kubernetes.cluster-id",
    cluster: { config: { "kubernetes.cluster-id": "a" } },
    says: /the component sets the cluster's name and namespace/,
  },
  {
    rule: "5 high-availability.cluster-id",
    cluster: { config: { "high-availability.cluster-id": "a" } },
    says: /highAvailability/,
  },
  operatorOption(
    "kubernetes.operator.deployment.rollback.enabled",
    "true",
    "6 rollback needs high availability",
  ),
  operatorOption("kubernetes.operator.cluster.health-check.enabled", "true", "7 health check needs recovery"),
  { rule: "8 an ingress has a host", cluster: { exposure: { ingress: {} } }, says: /exposure\.host/ },
  {
    rule: "9 its URL can be read",
    cluster: { exposure: { host: "https://flink.example.com", ingress: {} } },
    says: /exposure\.host/,
  },
  { rule: "10 the form of the logs", cluster: { monitoring: { logs: "xml" } }, says: /monitoring\.logs/ },
  {
    rule: "11 an upgrade with state needs a checkpoint directory",
    cluster: { checkpointing: { interval: "1 min" } },
    says: /checkpoint/,
    warning: true,
  },
  {
    rule: "12 upgrade mode savepoint needs a directory",
    job: { upgradeMode: "savepoint" },
    says: /no durable directory for savepoints/,
  },
  {
    rule: "13 a savepoint that is asked for needs a directory",
    job: { savepointTriggerNonce: 1 },
    says: noSuchArgument("savepointTriggerNonce"),
  },
  operatorOption(
    "kubernetes.operator.periodic.savepoint.interval",
    "1 h",
    "14 periodic savepoints need a directory",
  ),
  operatorOption(
    "kubernetes.operator.job.upgrade.last-state.max.allowed.checkpoint.age",
    "1 h",
    "15 age of checkpoints needs a directory",
  ),
  {
    rule: "16 TaskManagers are at least 1",
    cluster: { taskManager: { replicas: -1 } },
    says: /taskManager\.replicas = -1.*at least/s,
  },
  { rule: "17 parallelism is at least 1", job: { parallelism: 0 }, says: /whole number from 1 to 32768/ },
  {
    rule: "18 JobManager memory can be derived",
    cluster: memory("500m"),
    says: /set jobManager\.memory to 577m or more/,
  },
  { rule: "19 JobManager memory can be read", cluster: memory("2Gi"), says: /2g/ },
  {
    rule: "20 JobManager disk can be read",
    cluster: { jobManager: { ephemeralStorage: "lots" } },
    says: /not a Kubernetes quantity of bytes/,
  },
  { rule: "21 memory is above zero", cluster: memory("0"), says: /jobManager\.memory/ },
  {
    rule: "22 cpu is above zero",
    cluster: { jobManager: { cpu: { limit: "0" } } },
    says: /positive Kubernetes quantity of CPU/,
  },
  {
    rule: "23 cpu request up to its limit",
    cluster: { jobManager: { cpu: { request: "2", limit: "1" } } },
    says: /more than jobManager\.cpu\.limit/,
  },
  {
    rule: "23 memory request up to its limit",
    cluster: {
      jobManager: {
        podPatch: {
          spec: { containers: [{ name: "jobmanager", resources: { requests: { memory: "2Gi" } } }] },
        },
      },
    },
    says: /jobManager\.podPatch.*memory/s,
  },
  {
    rule: "24 JobManagers are at least 1",
    cluster: { jobManager: { replicas: 0 } },
    says: /a cluster needs a JobManager/,
  },
  {
    rule: "25 more than one needs high availability",
    cluster: { jobManager: { replicas: 2 } },
    says: /highAvailability/,
  },
  {
    rule: "26 TaskManager memory can be derived",
    cluster: { taskManager: { memory: "900m" } },
    says: /set taskManager\.memory to 982m or more/,
  },
  {
    rule: "27 TaskManager memory can be read",
    cluster: { taskManager: { memory: "lots" } },
    says: /taskManager\.memory/,
  },
  {
    rule: "28 TaskManager disk can be read",
    cluster: { taskManager: { ephemeralStorage: "2000m" } },
    says: /not a Kubernetes quantity of bytes/,
  },
  {
    rule: "29 TaskManager cpu is above zero",
    cluster: { taskManager: { cpu: { limit: "-1" } } },
    says: /positive Kubernetes quantity of CPU/,
  },
  {
    rule: "30 TaskManager cpu request up to its limit",
    cluster: { taskManager: { cpu: { request: "2", limit: "1" } } },
    says: /more than taskManager\.cpu\.limit/,
  },
  {
    rule: "31 no TaskManager at all",
    cluster: { taskManager: { replicas: 0 } },
    says: /taskManager\.replicas/,
    warning: true,
  },
  {
    rule: "32 no switch from session to application: another class",
    cluster: { job: { jarURI: "local:///a.jar" } },
    says: noSuchArgument("job"),
  },
  {
    rule: "33 no switch from native to standalone: always standalone",
    cluster: { mode: "native" },
    says: noSuchArgument("mode"),
  },
  {
    rule: "34 a nonce for savepoints needs a path",
    job: { savepointRedeployNonce: 2 },
    says: noSuchArgument("savepointRedeployNonce"),
  },
  {
    rule: "35 service account is set: one is made, or named rightly",
    cluster: { jobManager: { serviceAccount: { name: "" } } },
    says: /serviceAccount\.name/,
  },
];

/** Rules 36 to 48: the operator's autoscaler. None is at work here; ours are checked beside. */
const autoscaler: Case[] = [
  operatorOption("job.autoscaler.scale-down.max-factor", "-1", "36 scale-down factor"),
  operatorOption("job.autoscaler.scale-up.max-factor", "-1", "37 scale-up factor"),
  operatorOption("job.autoscaler.utilization.target", "2", "38 target utilization"),
  {
    rule: "38 target utilization, ours",
    cluster: { autoscaling: { maxReplicas: 2, cpuUtilization: 0 } },
    says: /percentage of the CPU request/,
  },
  operatorOption("job.autoscaler.target.utilization.boundary", "-1", "39 boundary"),
  operatorOption("job.autoscaler.utilization.max", "2", "40 highest utilization"),
  operatorOption("job.autoscaler.utilization.min", "2", "41 lowest utilization"),
  operatorOption("job.autoscaler.memory.gc-pressure.threshold", "2", "42 garbage collection"),
  operatorOption("job.autoscaler.memory.heap-usage.threshold", "2", "43 heap"),
  operatorOption("job.autoscaler.observed-scalability.coefficient-min", "0", "44 scalability"),
  operatorOption("job.autoscaler.scaling.effectiveness.threshold", "2", "45 effectiveness"),
  operatorOption("job.autoscaler.memory.tuning.overhead", "2", "46 memory tuning"),
  operatorOption("job.autoscaler.quota.cpu", "x", "47 periods and quotas"),
  operatorOption("job.autoscaler.metrics.window", "1 s", "48 window"),
  {
    rule: "48 window, ours",
    cluster: { autoscaling: { maxReplicas: 2, scaleDownStabilizationSeconds: 4000 } },
    says: /0 to 3600 seconds/,
  },
];

/** Rules 49 to 60: FlinkSessionJob. */
const sessionJob: Case[] = [
  {
    rule: "49 name of the session cluster",
    job: { cluster: { ...connection, clusterName: "" } },
    says: /cluster\.clusterName/,
  },
  { rule: "50 there is a job", job: { jar: undefined }, says: /jar/ },
  {
    rule: "51 the cluster does not change: it is data, and its objects follow",
    job: { deploymentName: "orders" },
    says: noSuchArgument("deploymentName"),
  },
  { rule: "52 jar is a valid path", job: { jar: "usrlib/my job.jar" }, says: /absolute path/ },
  {
    rule: "53 scheme of the jar",
    job: { jar: "ftp://example.com/a.jar" },
    says: /fetches programs only over https/,
  },
  {
    rule: "54 host of the jar",
    job: { jar: "https:///a.jar", jarChecksum: "0".repeat(64) },
    says: /write the host that serves the file/,
  },
  {
    rule: "55 the host resolves: it is asked by the pod, which knows the network; a text that is no URL is refused",
    job: { jar: "nowhere/a.jar" },
    says: /absolute path in the image or on a volume, or a URL/,
  },
  ...[
    "https://127.0.0.1",
    "https://localhost",
    "https://169.254.169.254",
    "https://[::1]",
    "https://0x7f.1",
  ].map((host) => ({
    rule: `56 the host is nobody's own address: ${host}`,
    job: { jar: `${host}/a.jar`, jarChecksum: "0".repeat(64) },
    says: /write the host that serves the file/,
  })),
  {
    rule: "57 target is a session cluster",
    job: { cluster: { kind: "FlinkApplication" } },
    says: /cluster\.jobManagerHost/,
  },
  {
    rule: "58 the cluster is named by its connection",
    job: { cluster: "orders" },
    says: /pass the `connection` output/,
  },
  {
    rule: "59 rules 11 to 17 with the job's own options",
    job: { config: { "execution.checkpointing.interval": "5 minuts" } },
    says: /Flink expects a duration/,
  },
  {
    rule: "60 autoscaler options of a job",
    job: { config: { "job.autoscaler.enabled": "yes" } },
    says: operatorOnly,
    warning: true,
  },
];

/** Rules 61 to 63: FlinkStateSnapshot; and the enums of the definitions. */
const snapshot: Case[] = [
  {
    rule: "61 savepoint or checkpoint",
    job: { savepoint: {}, checkpoint: {} },
    says: noSuchArgument("savepoint"),
  },
  { rule: "62 a snapshot names its job", job: { jobReference: {} }, says: noSuchArgument("jobReference") },
  {
    rule: "63 the job is there",
    job: { cluster: undefined },
    says: /a job needs the connection to its cluster/,
  },
  { rule: "enum upgradeMode", job: { upgradeMode: "last" }, says: /no upgrade mode of this name/ },
  {
    rule: "enum flinkVersion",
    cluster: { flinkVersion: "v2_2" },
    says: /not a Flink version \(three numbers/,
  },
  {
    rule: "type of a number",
    cluster: { taskManager: { slots: "two" } },
    says: /must be a number, not a string/,
  },
];

/** What the Flink Kubernetes Operator does not check. */
const notValidated: Case[] = [
  {
    rule: "image tag and flinkVersion",
    cluster: { image: "flink:1.20.4" },
    says: /the image contains Flink 1\.20\.4/,
  },
  { rule: "image and Java", cluster: { javaVersion: 8 }, says: /javaVersion/ },
  {
    rule: "slots for the parallelism",
    job: { parallelism: 60, upgradeMode: "stateless" },
    says: /at most 6 slots/,
    warning: true,
  },
  {
    rule: "parallelism above the maximum",
    job: { parallelism: 6, config: { "pipeline.max-parallelism": "4" } },
    says: /above pipeline\.max-parallelism/,
  },
  {
    rule: "maximum parallelism that does not divide",
    job: { parallelism: 5, upgradeMode: "stateless", config: { "pipeline.max-parallelism": "128" } },
    says: /does not divide/,
    warning: true,
  },
  {
    rule: "high availability without storage",
    cluster: { highAvailability: {} },
    says: /highAvailability.*storage/s,
  },
  {
    rule: "file:// without a shared volume",
    cluster: { storage: { directory: "file:///state" } },
    says: /volume/,
  },
  {
    rule: "scheme of a savepoint directory",
    cluster: { ...s3, config: { "execution.checkpointing.savepoint-dir": "gs://a/b" } },
    says: /storage/,
  },
  {
    rule: "scheme without its plugin",
    cluster: { config: { "execution.checkpointing.savepoint-dir": "s3://a/b" } },
    says: /savepoint-dir.*storage/s,
  },
  {
    rule: "no checkpoint interval",
    cluster: { autoscaling: { maxReplicas: 3 } },
    says: /checkpoint/,
    warning: true,
  },
  {
    rule: "port collisions, in options",
    cluster: { config: { "blob.server.port": "8081" } },
    says: /the cluster's objects depend on it/,
  },
  {
    rule: "port collisions, in containers",
    cluster: { jobManager: { sidecars: [{ name: "a", image: "a", ports: [{ containerPort: 8081 }] }] } },
    says: /another container of the pod listens on this port/,
  },
  {
    rule: "JVM options",
    cluster: { config: { "env.java.opts.all": "-Da=b; rm -rf /" } },
    says: /the shell that starts Java/,
  },
  {
    rule: "misspelt options",
    cluster: { config: { "execution.checkpoint.interval": "1 min" } },
    says: /did you mean 'execution\.checkpointing\.interval'/,
    warning: true,
  },
  {
    rule: "malformed number",
    cluster: { config: { "restart-strategy.fixed-delay.attempts": "many" } },
    says: /whole number of 32 bits/,
  },
  {
    rule: "malformed duration",
    cluster: { config: { "heartbeat.timeout": "50 sx" } },
    says: /a duration: a whole number and a unit/,
  },
  {
    rule: "malformed memory size",
    cluster: { config: { "taskmanager.memory.network.max": "1Gi" } },
    says: /a memory size|network\.max/,
  },
  {
    rule: "malformed enum",
    cluster: { config: { "jobmanager.scheduler": "adaptve" } },
    says: /one of .*Adaptive/,
  },
  {
    rule: "an option that begins another",
    cluster: { config: { "restart-strategy": "none", "restart-strategy.fixed-delay.attempts": "3" } },
    says: /cannot have both a value and children/,
  },
  {
    rule: "an option that an argument owns",
    cluster: { config: { "taskmanager.numberOfTaskSlots": "2" } },
    says: /the argument taskManager\.slots sets this option/,
  },
  {
    rule: "deprecated options",
    cluster: { config: { "state.backend": "rocksdb" } },
    says: /state\.backend\.type/,
    warning: true,
  },
  {
    rule: "options of another version",
    cluster: { flinkVersion: "1.20.4", config: { "state.backend.forst.cache.dir": "/x" } },
    says: /does not know this option/,
    warning: true,
  },
  {
    rule: "a limit under the process size",
    cluster: {
      taskManager: {
        podPatch: {
          spec: { containers: [{ name: "taskmanager", resources: { limits: { memory: "1Gi" } } }] },
        },
      },
    },
    says: /1728Mi/,
  },
  {
    rule: "memory in milli-bytes",
    cluster: { namespace: { quota: { "limits.memory": "1600m" } } },
    says: /not a quantity of bytes/,
  },
  {
    rule: "probes that are none",
    cluster: {
      taskManager: { sidecars: [{ name: "a", image: "a", readinessProbe: { httpGet: { path: "/" } } }] },
    },
    says: /httpGet\.port/,
  },
  {
    rule: "Pod Security",
    cluster: {
      taskManager: { sidecars: [{ name: "a", image: "a", securityContext: { privileged: true } }] },
    },
    says: /privileged/,
  },
  {
    rule: "names of containers in a template",
    cluster: {
      taskManager: { podPatch: { spec: { containers: [{ name: "flink-main-container", tty: true }] } } },
    },
    says: /podPatch/,
  },
  {
    rule: "rights of service accounts",
    cluster: {
      ...s3,
      checkpointing: { interval: "1 min" },
      highAvailability: {},
      jobManager: { serviceAccount: { name: "flink" } },
      taskManager: { serviceAccount: { name: "flink" } },
    },
    says: /TaskManagers.*could also write its ConfigMaps/,
    warning: true,
  },
  {
    rule: "JVM memory flags",
    cluster: { config: { "env.java.opts.taskmanager": "-Xmx2g" } },
    says: /override the value that Flink derives/,
  },
  {
    rule: "flink-conf.yaml or config.yaml",
    cluster: {
      flinkVersion: "1.20.4",
      jobManager: {
        volumes: [{ name: "a", configMap: { name: "a" } }],
        volumeMounts: [
          { name: "a", mountPath: "/opt/flink/conf/flink-conf.yaml", subPath: "flink-conf.yaml" },
        ],
      },
    },
    says: /put (the )?options into config/,
  },
  {
    rule: "image without Java that Flink runs on",
    cluster: { image: "flink:2.2.1-java8" },
    says: /no official image of Flink 2\.2\.1 with Java 8/,
  },
  {
    rule: "reactive mode in a session cluster",
    cluster: { config: { "scheduler-mode": "reactive" } },
    says: /refuses reactive mode in a session cluster/,
  },
  {
    rule: "autoscaling with another scheduler",
    cluster: { autoscaling: { maxReplicas: 3 }, config: { "jobmanager.scheduler": "default" } },
    says: /only the adaptive scheduler/,
  },
  {
    rule: "FLINK_PROPERTIES",
    cluster: { jobManager: { env: [{ name: "FLINK_PROPERTIES", value: "a: b" }] } },
    says: /put (the )?options into config/,
  },
  {
    rule: "a volume over the plugins",
    cluster: {
      taskManager: {
        volumes: [{ name: "a", emptyDir: {} }],
        volumeMounts: [{ name: "a", mountPath: "/opt/flink/plugins" }],
      },
    },
    says: /hide files of the image/,
  },
  {
    rule: "a configuration of one's own",
    cluster: {
      taskManager: {
        volumes: [{ name: "a", configMap: { name: "a" } }],
        volumeMounts: [{ name: "a", mountPath: "/opt/flink/conf" }],
      },
    },
    says: /put (the )?options into config/,
  },
  {
    rule: "JSON logs that the image cannot write",
    cluster: { flinkVersion: "1.20.4", monitoring: { logs: "json" } },
    says: /log4j-layout-template-json/,
  },
  {
    rule: "OpenTelemetry that the image does not have",
    cluster: { flinkVersion: "1.20.4", monitoring: { openTelemetry: { endpoint: "http://otel:4317" } } },
    says: /2\.0/,
  },
  {
    rule: "a version with a known vulnerability",
    cluster: { flinkVersion: "2.2.0" },
    says: /CVE-2026-35194/,
    warning: true,
  },
  {
    rule: "a shared issuer for internal TLS",
    cluster: {
      tls: { internal: { certManager: { issuer: { name: "lets-encrypt", kind: "ClusterIssuer" } } } },
    },
    says: /tls\.internal/,
  },
  {
    rule: "REST API for everybody",
    cluster: { exposure: { host: "flink.example.com", ingress: {} } },
    says: /anybodyMayRunCode|authenticat/,
  },
];

/** What Spotify's operator checks besides. */
const spotify: Case[] = [
  {
    rule: "syntax of the namespace",
    cluster: { namespace: { name: "Prod!" } },
    says: /name of a namespace must be a DNS label/,
  },
  {
    rule: "unique ports",
    cluster: { taskManager: { sidecars: [{ name: "a", image: "a", ports: [{ containerPort: 6121 }] }] } },
    says: /listens on this port/,
  },
  {
    rule: "unique names",
    cluster: {
      taskManager: {
        volumes: [
          { name: "a", emptyDir: {} },
          { name: "a", emptyDir: {} },
        ],
      },
    },
    says: /volumes\[1\]/,
  },
  { rule: "name of less than 50", name: "o".repeat(50), cluster: {}, says: /at most 45/ },
  {
    rule: "names of ports",
    cluster: {
      taskManager: {
        sidecars: [
          {
            name: "a",
            image: "a",
            ports: [
              { name: "web", containerPort: 1000 },
              { name: "web", containerPort: 1001 },
            ],
          },
        ],
      },
    },
    says: /ports\[1\]\.name/,
  },
  { rule: "parallelism of at least 1", job: { parallelism: -2 }, says: /whole number from 1/ },
  { rule: "exactly one JobManager", cluster: { jobManager: { replicas: 3 } }, says: /highAvailability/ },
  {
    rule: "ratio from 0 to 100",
    cluster: { config: { "taskmanager.memory.managed.fraction": "1.4" } },
    says: /taskManager\.memory|managed\.fraction/,
  },
  {
    rule: "memory above the off-heap minimum",
    cluster: { config: { "taskmanager.memory.task.off-heap.size": "2g" } },
    says: /taskManager\.memory/,
  },
  {
    rule: "exactly one source of the program",
    job: { jar: "/a.jar", pyFile: "/a.py" },
    says: noSuchArgument("pyFile"),
  },
  {
    rule: "age of state for a restart",
    job: { maxStateAgeToRestoreSeconds: 5 },
    says: noSuchArgument("maxStateAgeToRestoreSeconds"),
  },
  {
    rule: "type of the cluster",
    cluster: { taskManager: { deploymentType: "StatefulSet" } },
    says: noSuchArgument("deploymentType"),
  },
  { rule: "savepoints directory", cluster: { storage: { directory: "" } }, says: /storage\.directory/ },
  {
    rule: "control annotations",
    cluster: { jobManager: { podAnnotations: { "flink-kubernetes/config-hash": "x" } } },
    says: /the component sets this/,
  },
];

/** Everything that a person reads of this mistake: problems as the error lists them, warnings as they are logged. */
function read({ cluster, job, name, on }: Case): { problems: string; warnings: string } {
  const said = job === undefined ? ofCluster(name ?? "orders", cluster) : ofJob(job, on);
  return {
    problems: said.problems.map(describeWarning).join("\n"),
    warnings: said.warnings.map(describeWarning).join("\n"),
  };
}

interface Said {
  problems: Problem[];
  warnings: Problem[];
}

function ofCluster(name: string, args: unknown): Said {
  return normaliseCluster(name, { flinkVersion: "2.2.1", ...(args as Partial<FlinkClusterArgs>) });
}

function ofJob(job: unknown, on: Case["on"]): Said {
  const cluster = { ...connection, ...on };
  const args = { ...jobArgs, cluster, ...(job as Partial<FlinkJobArgs>) };
  const problems = checkJob("count", args);
  if (problems.length > 0) return { problems, warnings: [] };
  return checkOnCluster(jobModel("count", args as ResolvedJobArgs), args);
}

const catalogue = {
  "FlinkDeployment (1 to 35)": deployment,
  "the operator's autoscaler (36 to 48)": autoscaler,
  "FlinkSessionJob (49 to 60)": sessionJob,
  "FlinkStateSnapshot (61 to 63) and the definitions": snapshot,
  "what the Flink Kubernetes Operator does not check": notValidated,
  "what Spotify's operator checks besides": spotify,
};

describe("every check of the Flink operators, before anything is applied", () => {
  for (const [group, cases] of Object.entries(catalogue)) {
    describe(group, () => {
      for (const one of cases) {
        it(one.rule, () => {
          const { problems, warnings } = read(one);
          if (one.warning) {
            assert.equal(problems, "");
            assert.match(warnings, one.says);
          } else assert.match(problems, one.says);
        });
      }
    });
  }

  it("secrets in plain options are no mistake here: they go into a Secret", () => {
    const model = modelOf({ config: { "s3.secret-key": "hunter2" } });
    assert.ok(!JSON.stringify(roleConfigMap(model, "jobmanager")).includes("hunter2"));
    assert.deepEqual(Object.keys(model.secretOptions), ["s3.secret-key"]);
  });

  it("covers all 63 numbered rules", function () {
    const cases = Object.values(catalogue).flat();
    const numbers = new Set(cases.map(({ rule }) => Number(/^\d+/.exec(rule)?.[0])));
    const missing = Array.from({ length: 63 }, (_, index) => index + 1).filter((one) => !numbers.has(one));
    assert.deepEqual(missing, []);
    console.log(`      ${cases.length} cases for ${numbers.size - 1} numbered rules and the others`);
  });
});

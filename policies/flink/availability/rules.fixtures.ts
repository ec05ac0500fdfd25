import type { Fixtures } from "../../core/fixtures";
import { application, config, flinkDeployment, jobManager, object, taskManager } from "../manifests";

const ha = { "high-availability.type": "kubernetes" };
const budget = (spec: Record<string, unknown>, component: string) =>
  object("policy/v1", "PodDisruptionBudget", { spec: { selector: { matchLabels: { component } }, ...spec } });
const live = (probe: unknown) => ({ container: { livenessProbe: probe } });
const tcp = { tcpSocket: { port: 6122 } };
const hpa = (maxReplicas: number, name = "scaler") =>
  object(
    "autoscaling/v2",
    "HorizontalPodAutoscaler",
    { spec: { maxReplicas, scaleTargetRef: { kind: "Deployment", name: "flink-taskmanager" } } },
    { name },
  );
const hooked = (preStop: unknown, pod: Record<string, unknown> = {}) => ({
  container: { lifecycle: { preStop } },
  pod,
});
const onVolume = { volumeMounts: [{ name: "dumps", mountPath: "/dumps" }] };
const dumping = (file: string) =>
  config({ "env.java.opts.taskmanager": `-XX:+HeapDumpOnOutOfMemoryError -XX:HeapDumpPath=${file}` });
const adaptive = { "jobmanager.scheduler": "adaptive" };

export const fixtures: Readonly<Record<string, Fixtures>> = {
  "flink-job-manager-replicas": {
    fails: [
      { manifests: [jobManager({ spec: { replicas: 2 } }), config({})] },
      { manifests: [jobManager({ spec: { replicas: 0 } }), config({})] },
      { manifests: [flinkDeployment({ jobManager: { replicas: 2 } })] },
      {
        about: "a bare pod, which recovers nothing",
        manifests: [
          object(
            "v1",
            "Pod",
            {
              spec: {
                containers: [
                  {
                    name: "jobmanager",
                    image: "flink:2.2.1-java17",
                    args: ["jobmanager", "-Dhigh-availability.type=kubernetes"],
                  },
                ],
              },
            },
            { labels: { component: "jobmanager" } },
          ),
        ],
      },
    ],
    passes: [
      { manifests: [jobManager({ spec: { replicas: 2 } }), config(ha)] },
      { manifests: [jobManager(), config({})] },
      { manifests: [flinkDeployment({ jobManager: { replicas: 2 }, flinkConfiguration: ha })] },
    ],
  },
  "flink-disruption-budget": {
    fails: [
      { manifests: [taskManager({ spec: { replicas: 2 } })] },
      { manifests: [jobManager(), budget({ minAvailable: 1 }, "jobmanager")] },
      { manifests: [jobManager(), budget({ maxUnavailable: 0 }, "jobmanager")] },

      {
        about: "none may go, as a share",
        manifests: [jobManager(), budget({ maxUnavailable: "0%" }, "jobmanager")],
      },
      {
        about: "all must stay, as a share",
        manifests: [jobManager(), budget({ minAvailable: "100%" }, "jobmanager")],
      },
      {
        about: "only of another namespace",
        manifests: [
          taskManager({ spec: { replicas: 2 } }),
          { ...budget({ maxUnavailable: 1 }, "taskmanager"), metadata: { name: "web", namespace: "other" } },
        ],
      },
    ],
    passes: [
      { manifests: [taskManager({ spec: { replicas: 2 } }), budget({ maxUnavailable: 1 }, "taskmanager")] },

      { about: "one pod", manifests: [taskManager({ spec: { replicas: 1 } })] },
    ],
  },
  "flink-spread": {
    fails: [{ manifests: [jobManager({ spec: { replicas: 2 } })] }],
    passes: [
      {
        manifests: [
          jobManager({
            spec: { replicas: 2 },
            pod: { topologySpreadConstraints: [{ topologyKey: "kubernetes.io/hostname", maxSkew: 1 }] },
          }),
        ],
      },
      { manifests: [jobManager()] },

      {
        about: "by what keeps pods apart",
        manifests: [jobManager({ spec: { replicas: 2 }, pod: { affinity: { podAntiAffinity: {} } } })],
      },
    ],
  },
  "flink-grace-period": {
    fails: [
      { manifests: [taskManager({ pod: { terminationGracePeriodSeconds: 1 } })] },
      {
        about: "a hook that takes all of it",
        manifests: [taskManager(hooked({ exec: { command: ["/bin/sh", "-c", "flush; sleep 25"] } }))],
        at: ["spec.template.spec.containers[0].lifecycle.preStop.exec.command"],
      },
      {
        about: "Kubernetes' own sleep",
        manifests: [taskManager(hooked({ sleep: { seconds: 60 } }, { terminationGracePeriodSeconds: 60 }))],
        at: ["spec.template.spec.containers[0].lifecycle.preStop.sleep.seconds"],
      },
    ],
    passes: [
      { manifests: [taskManager()] },
      { manifests: [taskManager(hooked({ sleep: { seconds: 60 } }, { terminationGracePeriodSeconds: 70 }))] },
      { about: "of any length", manifests: [taskManager(hooked({ exec: { command: ["/opt/stop.sh"] } }))] },
    ],
  },
  "flink-probes": {
    fails: [
      { manifests: [taskManager(), config({})] },
      { about: "a port at random", manifests: [taskManager(live(tcp)), config({})] },
      { manifests: [jobManager(live({ httpGet: { path: "/", port: 8081 } })), config({})] },
      {
        about: "a port at random, as somebody wrote",
        manifests: [taskManager(live(tcp)), config({ "taskmanager.rpc.port": 0 })],
      },
      {
        about: "too soon",
        manifests: [
          taskManager(live({ ...tcp, periodSeconds: 5, initialDelaySeconds: 10 })),
          config({ "taskmanager.rpc.port": 6122 }),
        ],
        at: ["spec.template.spec.containers[0].livenessProbe"],
      },
    ],
    passes: [
      { manifests: [taskManager(live(tcp)), config({ "taskmanager.rpc.port": 6122 })] },
      { manifests: [jobManager(live({ tcpSocket: { port: 6123 } })), config({})] },
      {
        about: "often, once it has started",
        manifests: [
          taskManager({
            container: { startupProbe: tcp, livenessProbe: { ...tcp, periodSeconds: 5 } },
          }),
          config({ "taskmanager.rpc.port": 6122 }),
        ],
      },
    ],
  },
  "flink-enough-slots": {
    fails: [
      {
        manifests: [
          application(),
          taskManager({ spec: { replicas: 2 } }),
          config({ "parallelism.default": 5, "taskmanager.numberOfTaskSlots": 2 }),
        ],
      },
      {
        about: "by an argument, which wins over the file",
        manifests: [
          application({ container: { args: ["standalone-job", "-Dparallelism.default=5"] } }),
          taskManager(),
          config({ "parallelism.default": 1 }),
        ],
      },
      {
        about: "a session cluster, where no job that does not say otherwise finds its slots",
        manifests: [jobManager(), taskManager(), config({ "parallelism.default": 2 })],
      },
      {
        about: "two jobs of a session cluster together",
        manifests: [
          flinkDeployment({ mode: "standalone", taskManager: { replicas: 3 } }),
          ...[1, 2].map((index) =>
            object(
              "flink.apache.org/v1beta1",
              "FlinkSessionJob",
              { spec: { deploymentName: "orders", job: { parallelism: 2 } } },
              { name: `job-${index}` },
            ),
          ),
        ],
        at: ["spec.job.parallelism"],
      },
      {
        about: "an application of the operator in standalone mode",
        manifests: [
          flinkDeployment({ mode: "standalone", taskManager: { replicas: 1 }, job: { parallelism: 2 } }),
        ],
      },
    ],
    passes: [
      {
        manifests: [
          application(),
          taskManager({ spec: { replicas: 2 } }),
          config({ "parallelism.default": 4, "taskmanager.numberOfTaskSlots": 2 }),
        ],
      },
      { manifests: [application(), taskManager(), config({ ...adaptive, "parallelism.default": 8 })] },
      {
        about: "Flink starts TaskManagers as it needs them",
        manifests: [flinkDeployment({ taskManager: { replicas: 1 }, job: { parallelism: 2 } })],
      },
      {
        about: "the operator works out how many it takes",
        manifests: [flinkDeployment({ mode: "standalone", job: { parallelism: 2 } })],
      },
      {
        about: "they are scaled",
        manifests: [
          application(),
          taskManager(),
          config({ "scheduler-mode": "reactive", "parallelism.default": 8 }),
          hpa(4),
        ],
      },
      {
        manifests: [
          flinkDeployment({
            mode: "standalone",
            taskManager: { replicas: 1 },
            job: { parallelism: 2 },
            flinkConfiguration: { "taskmanager.numberOfTaskSlots": "2" },
          }),
        ],
      },
    ],
  },
  "flink-scaled-task-managers": {
    fails: [
      { manifests: [jobManager(), taskManager(), config({}), hpa(4)] },
      {
        manifests: [
          jobManager(),
          taskManager(),
          config({ ...adaptive, "pipeline.max-parallelism": 4, "taskmanager.numberOfTaskSlots": 2 }),
          hpa(4),
        ],
      },
      { manifests: [jobManager(), taskManager(), config(adaptive), hpa(4), hpa(6, "another")] },
      {
        about: "the autoscaler of the operator, too",
        manifests: [
          flinkDeployment({
            mode: "standalone",
            flinkConfiguration: { "job.autoscaler.enabled": "true" },
          }),
          object("autoscaling/v2", "HorizontalPodAutoscaler", {
            spec: { maxReplicas: 4, scaleTargetRef: { kind: "FlinkDeployment", name: "orders" } },
          }),
        ],
        at: ['spec.flinkConfiguration["job.autoscaler.enabled"]'],
      },
      {
        about: "to nothing",
        manifests: [
          jobManager(),
          taskManager(),
          config(adaptive),
          object("keda.sh/v1alpha1", "ScaledObject", {
            spec: { minReplicaCount: 0, scaleTargetRef: { name: "flink-taskmanager" } },
          }),
        ],
      },

      {
        about: "an autoscaler of KEDA that goes beyond the parallelism",
        manifests: [
          jobManager(),
          taskManager(),
          config({ ...adaptive, "pipeline.max-parallelism": 4 }),
          object("keda.sh/v1alpha1", "ScaledObject", {
            spec: { minReplicaCount: 1, maxReplicaCount: 5, scaleTargetRef: { name: "flink-taskmanager" } },
          }),
        ],
      },
      {
        about: "an autoscaler of Kubernetes to nothing",
        manifests: [
          jobManager(),
          taskManager(),
          config(adaptive),
          object("autoscaling/v2", "HorizontalPodAutoscaler", {
            spec: {
              minReplicas: 0,
              maxReplicas: 2,
              scaleTargetRef: { kind: "Deployment", name: "flink-taskmanager" },
            },
          }),
        ],
      },
    ],
    passes: [
      { manifests: [jobManager(), taskManager(), config(adaptive), hpa(4)] },
      {
        about: "the operator's autoscaler by itself",
        manifests: [flinkDeployment({ flinkConfiguration: { "job.autoscaler.enabled": "true" } })],
      },
      {
        about: "reactive mode",
        manifests: [jobManager(), taskManager(), config({ "scheduler-mode": "reactive" }), hpa(4)],
      },

      {
        about: "as many as the parallelism",
        manifests: [
          jobManager(),
          taskManager(),
          config({ ...adaptive, "pipeline.max-parallelism": 4 }),
          hpa(4),
        ],
      },
      {
        about: "of another workload, of another kind, and of another namespace",
        manifests: [
          jobManager(),
          taskManager(),
          config({}),
          ...[
            { scaleTargetRef: { kind: "Deployment", name: "web" } },
            { scaleTargetRef: { kind: "StatefulSet", name: "flink-taskmanager" } },
          ].map((spec, index) =>
            object(
              "autoscaling/v2",
              "HorizontalPodAutoscaler",
              { spec: { maxReplicas: 4, ...spec } },
              { name: `a${index}` },
            ),
          ),
          { ...hpa(4), metadata: { name: "scaler", namespace: "other" } },
        ],
      },
    ],
  },
  "flink-java-options": {
    fails: [
      { manifests: [config({ "env.java.opts.taskmanager": "-Xmx4g" })] },
      { manifests: [config({ "env.java.opts.all": "-XX:+HeapDumpOnOutOfMemoryError" })] },
      {
        about: "as an argument of two words",
        manifests: [jobManager({ container: { args: ["jobmanager", "-D", "env.java.opts.all=-Xmx1g"] } })],
      },
      {
        about: "in FLINK_PROPERTIES",
        manifests: [
          jobManager({
            container: { env: [{ name: "FLINK_PROPERTIES", value: "env.java.opts.all: -Xmx1g" }] },
          }),
        ],
      },
    ],
    passes: [
      { manifests: [config({ "env.java.opts.all": "-XX:+UseG1GC" })] },
      {
        about: "for a process that Flink has no memory options for",
        manifests: [config({ "env.java.opts.sql-gateway": "-Xmx576m" })],
      },
      {
        manifests: [
          config({ "env.java.opts.all": "-XX:+HeapDumpOnOutOfMemoryError -XX:HeapDumpPath=/opt/flink/log" }),
        ],
      },
    ],
  },
  "flink-java-files": {
    fails: [
      { manifests: [taskManager(), dumping("/tmp/dump.hprof")] },
      {
        about: "the log of garbage collection",
        manifests: [
          jobManager(),
          config({ "env.java.opts.all": "-Xlog:gc*:file=/opt/flink/log/gc.log:time" }),
        ],
      },
      {
        about: "as Java 8 has it",
        manifests: [jobManager(), config({ "env.java.opts.jobmanager": "-Xloggc:/opt/flink/log/gc.log" })],
      },
      {
        about: "where it is asked for",
        manifests: [taskManager(), config({ "taskmanager.jvm-exit-on-oom": "false" })],
        config: { exitOnOutOfMemory: true },
      },
    ],
    passes: [
      {
        manifests: [
          taskManager({
            container: onVolume,
            pod: {
              volumes: [
                { name: "conf", configMap: { name: "flink-config" } },
                { name: "dumps", emptyDir: { sizeLimit: "8Gi" } },
              ],
            },
          }),
          dumping("/dumps/$HOSTNAME.hprof"),
        ],
      },
      { about: "of the other role", manifests: [jobManager(), dumping("/tmp/dump.hprof")] },
      { about: "not asked for", manifests: [taskManager(), config({})] },
      {
        manifests: [taskManager(), config({ "taskmanager.jvm-exit-on-oom": "true" })],
        config: { exitOnOutOfMemory: true },
      },
      { manifests: [jobManager(), config({})], config: { exitOnOutOfMemory: true } },
    ],
  },
};

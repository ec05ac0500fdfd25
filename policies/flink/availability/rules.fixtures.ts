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
    ],
    passes: [
      { manifests: [taskManager({ spec: { replicas: 2 } }), budget({ maxUnavailable: 1 }, "taskmanager")] },
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
    ],
  },
  "flink-grace-period": {
    fails: [{ manifests: [taskManager({ pod: { terminationGracePeriodSeconds: 1 } })] }],
    passes: [{ manifests: [taskManager()] }],
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
    ],
    passes: [
      { manifests: [taskManager(live(tcp)), config({ "taskmanager.rpc.port": 6122 })] },
      { manifests: [jobManager(live({ tcpSocket: { port: 6123 } })), config({})] },
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
    ],
    passes: [
      { manifests: [jobManager(), taskManager(), config(adaptive), hpa(4)] },
      {
        about: "reactive mode",
        manifests: [jobManager(), taskManager(), config({ "scheduler-mode": "reactive" }), hpa(4)],
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
        manifests: [
          config({ "env.java.opts.all": "-XX:+HeapDumpOnOutOfMemoryError -XX:HeapDumpPath=/opt/flink/log" }),
        ],
      },
    ],
  },
};

import type { Fixtures } from "../../core/fixtures";
import { application, config, flinkDeployment, jobManager, object, taskManager } from "../manifests";

const durable = {
  "execution.checkpointing.interval": "1min",
  "execution.checkpointing.dir": "s3://bucket/checkpoints",
};
const ha = { "high-availability.type": "kubernetes", "kubernetes.cluster-id": "orders" };
const mounted = (volume: Record<string, unknown>) => ({
  container: { volumeMounts: [{ name: "state", mountPath: "/state" }] },
  pod: {
    volumes: [
      { name: "conf", configMap: { name: "flink-config" } },
      { name: "state", ...volume },
    ],
  },
});
const claimed = mounted({ persistentVolumeClaim: { claimName: "state" } });
const claim = (mode: string) =>
  object("v1", "PersistentVolumeClaim", { spec: { accessModes: [mode] } }, { name: "state" });
const sessionJob = (flinkConfiguration: Record<string, string>) =>
  object(
    "flink.apache.org/v1beta1",
    "FlinkSessionJob",
    { spec: { deploymentName: "orders", job: { upgradeMode: "savepoint" }, flinkConfiguration } },
    { name: "enrich" },
  );
const starting = (...args: string[]) => application({ container: { args: ["standalone-job", ...args] } });
const onVolume = config({ ...durable, "execution.checkpointing.dir": "file:///state/checkpoints" });

const retention = "execution.checkpointing.externalized-checkpoint-retention";
const unaligned = "execution.checkpointing.unaligned.enabled";
const sound = {
  ...durable,
  "execution.checkpointing.num-retained": "2",
  [retention]: "RETAIN_ON_CANCELLATION",
};
const highly = (given: Parameters<typeof jobManager>[0] = {}, directory = "s3://bucket/ha/") =>
  jobManager({
    ...given,
    container: {
      args: [
        "jobmanager",
        ...Object.entries(ha).map(([key, value]) => `-D${key}=${value}`),
        `-Dhigh-availability.storageDir=${directory}`,
      ],
    },
    pod: { volumes: [] },
  });
const inZooKeeper = (directory: string, ...more: string[]) => ({
  container: {
    args: [
      "jobmanager",
      "-Dhigh-availability.type=zookeeper",
      "-Dhigh-availability.zookeeper.quorum=zookeeper:2181",
      `-Dhigh-availability.storageDir=${directory}`,
      ...more.map((option) => `-D${option}`),
    ],
  },
  pod: { volumes: [] },
});

export const fixtures: Readonly<Record<string, Fixtures>> = {
  "flink-checkpointing": {
    fails: [
      { manifests: [application(), config({})] },
      { manifests: [application(), config({ "execution.checkpointing.interval": "0" })] },
      { manifests: [flinkDeployment({ job: { upgradeMode: "savepoint" }, flinkConfiguration: {} })] },
      {
        about: "a job of a session cluster",
        manifests: [
          flinkDeployment({ flinkConfiguration: { "taskmanager.numberOfTaskSlots": "2" } }),
          object(
            "flink.apache.org/v1beta1",
            "FlinkSessionJob",
            { spec: { deploymentName: "orders", job: { upgradeMode: "savepoint" } } },
            { name: "enrich" },
          ),
        ],
      },
      {
        about: "a job that turns off what the cluster has on",
        manifests: [
          flinkDeployment({ flinkConfiguration: { "execution.checkpointing.interval": "1min" } }),
          sessionJob({ "execution.checkpointing.interval": "0" }),
        ],
      },
    ],
    passes: [
      { manifests: [application(), config(durable)] },
      {
        about: "it says that it may lose its state",
        manifests: [
          application({ annotations: { "flink-kubernetes/upgrade-mode": "stateless" } }),
          config({}),
        ],
      },
      { about: "it ends", manifests: [application(), config({ "execution.runtime-mode": "BATCH" })] },
      { about: "a session cluster says nothing of its jobs", manifests: [jobManager(), config({})] },
      { manifests: [flinkDeployment({ job: { upgradeMode: "stateless" } })] },
      {
        about: "a job that has its own",
        manifests: [flinkDeployment({}), sessionJob({ "execution.checkpointing.interval": "1min" })],
      },
      {
        about: "with last-state the operator sets five minutes",
        manifests: [flinkDeployment({ job: { upgradeMode: "last-state" }, flinkConfiguration: ha })],
      },
    ],
  },
  "flink-durable-state": {
    fails: [
      {
        about: "in memory",
        manifests: [application(), config({ "execution.checkpointing.interval": "1min" })],
      },
      { about: "in the container", manifests: [application(), taskManager(), onVolume] },
      {
        about: "on the node, by the old name of the option",
        manifests: [
          application(mounted({ hostPath: { path: "/data" } })),
          config({ "execution.checkpointing.interval": "1min", "state.checkpoints.dir": "file:///state/a" }),
        ],
      },
      {
        about: "of one node",
        manifests: [application(claimed), taskManager(claimed), onVolume, claim("ReadWriteOnce")],
      },
      {
        about: "only in the JobManager",
        manifests: [application(claimed), taskManager(), onVolume, claim("ReadWriteMany")],
      },
      {
        about: "of the operator, as its example for high availability has it",
        manifests: [
          flinkDeployment({
            job: { upgradeMode: "last-state" },
            flinkConfiguration: { "high-availability.storageDir": "file:///flink-data/ha" },
            podTemplate: {
              spec: {
                containers: [
                  {
                    name: "flink-main-container",
                    volumeMounts: [{ mountPath: "/flink-data", name: "data" }],
                  },
                ],
                volumes: [{ name: "data", hostPath: { path: "/tmp/flink" } }],
              },
            },
          }),
        ],
      },
      {
        about: "in the JobManager's memory, by an option",
        manifests: [application(), config({ ...durable, "execution.checkpointing.storage": "jobmanager" })],
      },
      {
        about: "in a volume of one pod",
        manifests: [application(mounted({ emptyDir: {} })), onVolume],
      },

      {
        about: "on a volume of one pod",
        manifests: [
          application(mounted({ ephemeral: {} })),
          taskManager(mounted({ ephemeral: {} })),
          onVolume,
        ],
      },
    ],
    passes: [
      { manifests: [application(), taskManager(), config(durable)] },
      { manifests: [application(claimed), taskManager(claimed), onVolume, claim("ReadWriteMany")] },
      {
        manifests: [
          application({ annotations: { "flink-kubernetes/upgrade-mode": "stateless" } }),
          config({ "execution.checkpointing.interval": "1min" }),
        ],
      },
      {
        about: "on a claim that is mounted within a volume of the pod",
        manifests: [
          application({
            container: {
              volumeMounts: [
                { name: "scratch", mountPath: "/" },
                { name: "state", mountPath: "/state" },
              ],
            },
            pod: {
              volumes: [
                { name: "conf", configMap: { name: "flink-config" } },
                { name: "scratch", emptyDir: {} },
                { name: "state", persistentVolumeClaim: { claimName: "state" } },
              ],
            },
          }),
          onVolume,
          claim("ReadWriteMany"),
        ],
      },

      ...["oss", "cosn", "obs", "viewfs", "maprfs", "gs", "wasb", "wasbs"].map((scheme) => ({
        manifests: [
          application(),
          config({ ...durable, "execution.checkpointing.dir": `${scheme}://orders/checkpoints` }),
        ],
      })),
    ],
  },
  "flink-high-availability": {
    fails: [
      { manifests: [jobManager(), config({})] },
      { manifests: [application(), config({ ...durable, "high-availability.type": "NONE" })] },
    ],
    passes: [
      { manifests: [jobManager(), config(ha)] },
      {
        about: "its job may lose its state",
        manifests: [
          application({ annotations: { "flink-kubernetes/upgrade-mode": "stateless" } }),
          config({}),
        ],
      },
    ],
  },
  "flink-ha-storage": {
    fails: [
      { manifests: [jobManager(), config(ha)] },
      {
        about: "by its old name, without an id",
        manifests: [
          jobManager(),
          config({ "high-availability": "kubernetes", "high-availability.storageDir": "s3://bucket/ha" }),
        ],
      },
      {
        about: "two clusters with one id",
        manifests: [
          jobManager(),
          config({ ...ha, "high-availability.storageDir": "s3://bucket/ha" }),
          jobManager({ metadata: { name: "another" } }),
        ],
      },
      {
        about: "two clusters with one id and one directory, in different namespaces",
        manifests: [
          highly({ metadata: { name: "another", namespace: "billing" } }, "s3://bucket/ha"),
          highly(),
        ],
      },
      {
        about: "two custom resources of one name with one directory",
        manifests: ["shop", "billing"].map((namespace) =>
          flinkDeployment(
            { flinkConfiguration: { ...ha, "high-availability.storageDir": "s3://bucket/ha" } },
            { namespace },
          ),
        ),
        at: ["metadata.name", "metadata.name"],
      },
      {
        about: "two clusters in one ZooKeeper, both with Flink's default for an id",
        manifests: [
          jobManager({ ...inZooKeeper("s3://bucket/ha"), metadata: { name: "another" } }),
          jobManager(inZooKeeper("s3://bucket/billing")),
        ],
      },
    ],
    passes: [
      { manifests: [jobManager(), config({ ...ha, "high-availability.storageDir": "s3://bucket/ha" })] },
      { manifests: [jobManager(), config({ "high-availability.type": "NONE" })] },
      {
        about: "two clusters with one id in different namespaces",
        manifests: [
          jobManager(),
          config({ ...ha, "high-availability.storageDir": "s3://bucket/ha" }),
          jobManager({
            metadata: { name: "another", namespace: "billing" },
            container: { args: ["jobmanager", "-Dkubernetes.cluster-id=orders"] },
          }),
        ],
      },
      {
        about: "two clusters with one id in different namespaces, each with a directory",
        manifests: [
          highly({ metadata: { name: "another", namespace: "billing" } }, "s3://bucket/billing"),
          highly(),
        ],
      },
      {
        about: "two clusters in one ZooKeeper, each with a root",
        manifests: [
          jobManager({
            ...inZooKeeper("s3://bucket/ha", "high-availability.zookeeper.path.root=/billing"),
            metadata: { name: "another" },
          }),
          jobManager(inZooKeeper("s3://bucket/billing")),
        ],
      },
    ],
  },
  "flink-restart-strategy": {
    fails: [
      { manifests: [config({ "restart-strategy.type": "none" })] },
      { manifests: [config({ "restart-strategy": "off" })] },
      { manifests: [flinkDeployment({ flinkConfiguration: { "restart-strategy.type": "disable" } })] },
      {
        about: "in the file of older versions",
        manifests: [object("v1", "ConfigMap", { data: { "flink-conf.yaml": "restart-strategy: none" } })],
      },
    ],
    passes: [{ manifests: [config({ "restart-strategy.type": "exponential-delay" })] }],
  },
  "flink-checkpoint-settings": {
    fails: [
      { manifests: [application(), config(durable)] },
      {
        manifests: [application(), config({ ...sound, "execution.checkpointing.timeout": "10s" })],
      },
      {
        manifests: [
          application(),
          config({
            ...durable,
            "execution.checkpointing.num-retained": 3,
            "execution.checkpointing.externalized-checkpoint-retention": "DELETE_ON_CANCELLATION",
          }),
        ],
        at: ['data["config.yaml"]'],
      },
      {
        about: "deleted on cancellation, as is Flink's default",
        manifests: [application(), config({ ...durable, "execution.checkpointing.num-retained": 3 })],
      },
      {
        about: "a job of its own mind",
        manifests: [
          flinkDeployment({ flinkConfiguration: sound }),
          sessionJob({ [retention]: "DELETE_ON_CANCELLATION" }),
        ],
      },
      {
        about: "every 60 milliseconds",
        manifests: [application(), config({ ...sound, "execution.checkpointing.interval": "60" })],
      },
      {
        about: "less often than the interval says",
        manifests: [application(), config({ ...sound, "execution.checkpointing.min-pause": "2min" })],
      },
      {
        about: "unaligned, and at least once",
        manifests: [
          application(),
          config({ ...sound, [unaligned]: "true", "execution.checkpointing.mode": "AT_LEAST_ONCE" }),
        ],
      },
      {
        about: "unaligned, and two at a time",
        manifests: [
          application(),
          config({
            ...sound,
            [unaligned]: "true",
            "execution.checkpointing.max-concurrent-checkpoints": 2,
          }),
        ],
      },
    ],
    passes: [
      { manifests: [application(), config(sound)] },
      {
        about: "by its old name",
        manifests: [
          application(),
          config({ ...durable, [retention]: "RETAIN_ON_CANCELLATION", "state.checkpoints.num-retained": 3 }),
        ],
      },
      {
        about: "the operator keeps the checkpoints of an application",
        manifests: [
          flinkDeployment({
            job: { upgradeMode: "savepoint" },
            flinkConfiguration: { ...durable, "execution.checkpointing.num-retained": "3" },
          }),
        ],
      },
      {
        manifests: [
          application(),
          config({
            ...sound,
            [unaligned]: "true",
            "execution.checkpointing.mode": "EXACTLY_ONCE",
            "execution.checkpointing.min-pause": "30s",
            "execution.checkpointing.timeout": "1min",
          }),
        ],
      },
      {
        about: "two at a time, aligned",
        manifests: [
          application(),
          config({ ...sound, "execution.checkpointing.max-concurrent-checkpoints": 2 }),
        ],
      },
    ],
  },
  "flink-upgrade-mode": {
    fails: [
      { manifests: [flinkDeployment({ job: { upgradeMode: "last-state" }, flinkConfiguration: {} })] },
      { manifests: [flinkDeployment({ job: { upgradeMode: "savepoint" } })] },
      {
        manifests: [
          flinkDeployment({
            job: { upgradeMode: "savepoint", allowNonRestoredState: true },
            flinkConfiguration: { "state.savepoints.dir": "s3://bucket/savepoints" },
          }),
        ],
      },
      {
        manifests: [
          flinkDeployment({
            job: { upgradeMode: "savepoint", initialSavepointPath: "/tmp/savepoint-1" },
            flinkConfiguration: { "state.savepoints.dir": "s3://bucket/savepoints" },
          }),
        ],
      },
    ],
    passes: [
      {
        manifests: [
          flinkDeployment({
            job: { upgradeMode: "last-state", initialSavepointPath: "s3://bucket/savepoints/savepoint-1" },
            flinkConfiguration: { "high-availability.type": "kubernetes" },
          }),
        ],
      },
      { manifests: [flinkDeployment({ job: { upgradeMode: "stateless", allowNonRestoredState: true } })] },
    ],
  },
  "flink-restored-state": {
    fails: [
      { manifests: [starting("--fromSavepoint", "s3://bucket/savepoints/1", "--allowNonRestoredState")] },
      { about: "in short", manifests: [starting("-n")] },
      { about: "from the container", manifests: [starting("-s", "/tmp/savepoint-1"), taskManager()] },
      {
        about: "by options, one of them by its old name",
        manifests: [
          application(),
          config({
            "execution.savepoint.ignore-unclaimed-state": "true",
            "execution.state-recovery.path": "file:///tmp/savepoint-1",
          }),
        ],
        at: ['data["config.yaml"]', 'data["config.yaml"]'],
      },
    ],
    passes: [
      { manifests: [starting("--fromSavepoint", "s3://bucket/savepoints/1")] },
      { about: "an argument of the program", manifests: [starting("--", "-n", "-s", "/tmp/a")] },
      {
        about: "it may lose its state",
        manifests: [
          application({
            container: { args: ["standalone-job", "--allowNonRestoredState"] },
            annotations: { "flink-kubernetes/upgrade-mode": "stateless" },
          }),
        ],
      },
      {
        manifests: [
          application(claimed),
          taskManager(claimed),
          claim("ReadWriteMany"),
          config({
            "execution.state-recovery.ignore-unclaimed-state": "false",
            "execution.state-recovery.path": "/state/savepoint-1",
          }),
        ],
      },
    ],
  },
};

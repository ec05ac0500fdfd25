// The stack of the platform team: a cluster, and what others need to know to bring a job to it.
import { FlinkCluster } from "flink-kubernetes";

const cluster = new FlinkCluster("shared", {
  flinkVersion: "2.2.1",
  namespace: { quota: { pods: "30" } },
  image: "registry.example.com/shared/flink:2.2.1-7",
  storage: { directory: "s3://state/shared" },
  checkpointing: { interval: "1 min" },
  highAvailability: {},
  taskManager: { memory: "8g", slots: 4, replicas: 3 },
});

export const connection = cluster.connection;

// One job with a cluster of its own, which uses every TaskManager that there is, and as many of them as the CPU asks for.
import { FlinkApplication } from "flink-kubernetes";

const clicks = new FlinkApplication("clicks", {
  flinkVersion: "2.2.1",
  namespace: { quota: { pods: "30" } },
  image: "registry.example.com/clicks/flink:2.2.1-7",
  jar: "/opt/flink/usrlib/clicks.jar",
  reactive: true,
  taskManager: { memory: "4g", slots: 2, cpu: { request: "1", limit: "2" } },
  autoscaling: { minReplicas: 2, maxReplicas: 8, cpuUtilization: 70 },
  storage: { directory: "s3://state/clicks" },
  checkpointing: { interval: "30 s" },
  highAvailability: {},
});

export const jobId = clicks.jobId;

// A platform team runs one cluster; two teams bring their jobs to it, each with a pod for its submissions of its own. What the platform team demands
// of all of them stands in policies.json: pulumi up --policy-pack node_modules/flink-kubernetes-policies/bin/flink --policy-pack-config policies.json
import { FlinkCluster, FlinkJob } from "flink-kubernetes";

const shared = new FlinkCluster("shared", {
  flinkVersion: "2.2.1",
  image: "registry.example.com/shared/flink:2.2.1-7",
  namespace: { quota: { "limits.memory": "64Gi", pods: "50" } },
  storage: { directory: "s3://state/shared" },
  checkpointing: { interval: "1 min" },
  highAvailability: {},
  jobManager: { memory: "2g", replicas: 2 },
  taskManager: { memory: "8g", slots: 4, replicas: 3 },
  network: { egress: [{ cidr: "10.20.0.0/16", ports: [443, 9093] }] },
});

const teams = {
  orders: { job: "totals", parallelism: 8 },
  billing: { job: "invoices", parallelism: 4 },
};

export const phases = Object.entries(teams).map(([team, { job, parallelism }]) => {
  const running = new FlinkJob(`${team}-${job}`, {
    cluster: shared.connection,
    image: `registry.example.com/${team}/jobs:12`,
    jar: `/opt/flink/usrlib/${job}.jar`,
    parallelism,
    submitter: { podLabels: { team } },
  });
  return running.phase;
});

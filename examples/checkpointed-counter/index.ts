// A job whose state is kept on S3: it survives pods that die, and a change of the program goes on from a savepoint.
import { FlinkCluster, FlinkJob } from "flink-kubernetes";

const cluster = new FlinkCluster("counter", {
  flinkVersion: "2.2.1",
  namespace: { quota: { pods: "30" } },
  image: "registry.example.com/counter/flink:2.2.1-7",
  storage: {
    directory: "s3://state/counter",
    s3: {
      endpoint: "https://objects.example.com",
      accessKey: { name: "objects", key: "access-key" },
      secretKey: { name: "objects", key: "secret-key" },
    },
  },
  checkpointing: { interval: "30 s", stateBackend: "rocksdb" },
  highAvailability: {},
  jobManager: { memory: "2g", replicas: 2 },
  taskManager: { memory: "4g", slots: 2, replicas: 2 },
});

const job = new FlinkJob("count", {
  cluster: cluster.connection,
  jar: "/opt/flink/usrlib/counter.jar",
  entryClass: "com.example.Counter",
  parallelism: 4,
  savepoints: { schedule: "0 3 * * *", keep: 7 },
});

export const jobId = job.jobId;

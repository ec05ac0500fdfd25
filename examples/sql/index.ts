// A job that is a script in SQL: no jar, no build.
import { FlinkCluster, FlinkJob } from "flink-kubernetes";

const cluster = new FlinkCluster("numbers", {
  flinkVersion: "2.2.1",
  namespace: { quota: { pods: "30" } },
  taskManager: { memory: "2g", slots: 2, replicas: 2 },
});

const job = new FlinkJob("sums", {
  cluster: cluster.connection,
  sql: {
    script: `
      SET 'pipeline.name' = 'sums';
      CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '5');
      CREATE TABLE sums (parity BIGINT, total BIGINT) WITH ('connector' = 'print');
      INSERT INTO sums SELECT MOD(n, 2), COUNT(*) FROM numbers GROUP BY MOD(n, 2);
    `,
  },
  parallelism: 2,
  upgradeMode: "stateless",
});

export const phase = job.phase;

// From Kafka to Kafka, exactly once: what consumers with `isolation.level: read_committed` read is there once, whatever fails.
import { FlinkCluster, FlinkJob } from "flink-kubernetes";

const cluster = new FlinkCluster("payments", {
  flinkVersion: "2.2.1",
  // Flink's own image with flink-sql-connector-kafka-5.0.0-2.2.jar in /opt/flink/lib.
  image: "registry.example.com/payments/flink:2.2.1-3",
  namespace: { quota: { pods: "30" } },
  storage: {
    directory: "s3://state/payments",
    s3: {
      endpoint: "https://objects.example.com",
      accessKey: { name: "objects", key: "access-key" },
      secretKey: { name: "objects", key: "secret-key" },
    },
  },
  checkpointing: { interval: "30 s" },
  highAvailability: {},
  jobManager: { memory: "2g", replicas: 2 },
  taskManager: { memory: "4g", slots: 2, replicas: 2 },
});

const brokers = "kafka.example.com:9092";

const job = new FlinkJob("copy", {
  cluster: cluster.connection,
  sql: {
    script: `
      CREATE TABLE orders (n BIGINT) WITH (
        'connector' = 'kafka', 'topic' = 'orders', 'properties.bootstrap.servers' = '${brokers}',
        'properties.group.id' = 'copy', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
      CREATE TABLE payments (n BIGINT) WITH (
        'connector' = 'kafka', 'topic' = 'payments', 'properties.bootstrap.servers' = '${brokers}', 'format' = 'json',
        'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = 'copy',
        'properties.transaction.timeout.ms' = '900000');
      INSERT INTO payments SELECT n FROM orders;
    `,
  },
  parallelism: 2,
});

export const phase = job.phase;

// A job in Python, whose program stands here. The image is Flink's own with Python and `pip install apache-flink==2.2.1`.
import { FlinkCluster, FlinkJob } from "flink-kubernetes";

const cluster = new FlinkCluster("numbers", {
  flinkVersion: "2.2.1",
  image: "registry.example.com/pyflink:2.2.1",
  namespace: { quota: { pods: "30" } },
  storage: {
    directory: "s3://state/numbers",
    s3: {
      endpoint: "https://objects.example.com",
      accessKey: { name: "objects", key: "access-key" },
      secretKey: { name: "objects", key: "secret-key" },
    },
  },
  checkpointing: { interval: "30 s" },
  jobManager: { memory: "2g" },
  taskManager: { memory: "3g", slots: 2, replicas: 2 },
});

const job = new FlinkJob("greetings", {
  cluster: cluster.connection,
  python: {
    script: `
import socket
import sys
from pyflink.table import DataTypes, EnvironmentSettings, TableEnvironment
from pyflink.table.udf import udf

tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
greeter = sys.argv[1]

@udf(result_type=DataTypes.STRING())
def greet(counted, latest):
    return f"Hello from {greeter} in {socket.gethostname()}: {counted} of {latest}"

tables.create_temporary_system_function("greet", greet)
tables.execute_sql("""CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '5',
    'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '1000000')""")
tables.execute_sql("CREATE TABLE greetings (line STRING) WITH ('connector' = 'print')")
tables.execute_sql("""INSERT INTO greetings
    SELECT greet(counted, latest) FROM (SELECT COUNT(*) AS counted, MAX(n) AS latest FROM numbers)""")
`,
  },
  arguments: ["Python"],
});

export const phase = job.phase;

// A job in Python, whose program stands here. The image is Flink's own with Python and `pip install apache-flink==2.2.1`.
import { FlinkCluster, FlinkJob } from "flink-kubernetes";

const cluster = new FlinkCluster("numbers", {
  flinkVersion: "2.2.1",
  image: "registry.example.com/pyflink:2.2.1",
  namespace: { quota: { pods: "30" } },
  jobManager: { memory: "2g" },
  taskManager: { memory: "3g", slots: 2, replicas: 2 },
});

const job = new FlinkJob("hello", {
  cluster: cluster.connection,
  python: {
    script: `
import sys
from pyflink.common import Types
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.connectors.number_seq import NumberSequenceSource
from pyflink.common.watermark_strategy import WatermarkStrategy

env = StreamExecutionEnvironment.get_execution_environment()
numbers = env.from_source(NumberSequenceSource(1, 1000000), WatermarkStrategy.no_watermarks(), "numbers")
numbers.map(lambda n: f"{sys.argv[1]} {n}", Types.STRING()).print()
env.execute("hello")
`,
  },
  arguments: ["Hello,"],
  parallelism: 2,
  upgradeMode: "stateless",
});

export const phase = job.phase;

import type { FlinkConnection } from "../../../components/args/connection";
import type { FlinkJobArgs } from "../../../components/args/job";

/** A cluster as another stack might describe it. */
export const connection: FlinkConnection = {
  clusterName: "orders",
  namespace: "shop",
  restUrl: "http://orders-rest.shop.svc:8081",
  jobManagerHost: "orders-jobmanager.shop.svc",
  restPort: 8081,
  flinkVersion: "2.2.1",
  image: "flink:2.2.1-java17",
  highAvailability: false,
  defaultParallelism: 6,
  restartHash: "0a1b2c3d",
};

export const jobArgs: FlinkJobArgs = { cluster: connection, jar: "/opt/flink/usrlib/count.jar" };

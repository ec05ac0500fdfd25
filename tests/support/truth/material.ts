import type { FlinkClusterArgs } from "../../../components/args/cluster";
import type { StorageArgs } from "../../../components/args/storage";
import { smallCluster } from "../../cluster/support";
import type { Material } from "../../preview/support/corpus";
import { quickConfig } from "../faults";

/** Where a savepoint lies that was taken by hand, below the volume. */
export const GIVEN = "given/savepoint-1";

/** What the node has of what the corpus is made of. */
export function materialOf(namespace: string, storage: StorageArgs, images: Map<string, string>): Material {
  const small = smallCluster(namespace) as unknown as FlinkClusterArgs;
  const version = (flinkVersion: string) => ({
    flinkVersion,
    image: images.get(flinkVersion)!,
    config: quickConfig(flinkVersion),
  });
  const job = {
    jar: "/opt/flink/usrlib/hello-world.jar",
    entryClass: "flink.kubernetes.examples.HelloWorld",
    startTimeout: 180,
  };
  return {
    cluster: {
      ...version("2.2.1"),
      namespace: { name: namespace },
      jobManager: { ...small.jobManager, memory: "900m" },
      taskManager: { ...small.taskManager, memory: "1000m", slots: 3, replicas: 2 },
      storage,
      checkpointing: { interval: "2 s" },
    },
    job: { ...job, parallelism: 4 },
    report: { ...job, parallelism: 1 },
    version,
    patchRelease: ["1.20.4", "1.20.5"],
    minorVersion: ["1.20.4", "2.2.1"],
    checkpointInterval: "1 s",
    taskManagerMemory: "1100m",
    jobManagerMemory: "1000m",
    sqlGateway: { memory: "700m", cpu: { request: "100m", limit: "1" } },
    sqlGatewayMemory: "768m",
    image: images.get("another")!,
    jar: "/opt/flink/usrlib/./hello-world.jar",
    savepoint: `file:///flink-storage/${GIVEN}`,
    // On the same volume at the same path: what is saved elsewhere nobody would find.
    storage: {
      ...storage,
      checkpointDirectory: `${storage.directory}/elsewhere/checkpoints`,
      savepointDirectory: `${storage.directory}/elsewhere/savepoints`,
    },
    namespace: `${namespace}-elsewhere`,
    tls: { internal: { secret: { name: "internal-stores" } }, rest: { secret: { name: "rest-stores" } } },
    secret: (value) => ({ secret: value }) as unknown as string,
  };
}

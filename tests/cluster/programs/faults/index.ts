import * as pulumi from "@pulumi/pulumi";
import type { FlinkClusterArgs } from "../../../../components/args/cluster";
import type { FlinkJobArgs } from "../../../../components/args/job";
import { FlinkCluster, FlinkJob } from "../../../../components/index";

// The usual program, but the jobs talk to their cluster through a proxy, which makes mistakes when it is told to.
const config = new pulumi.Config();
const { name, ...args } = config.requireObject<FlinkClusterArgs & { name: string }>("cluster");
const { host, port } = config.requireObject<{ host: string; port: number }>("proxy");
const cluster = new FlinkCluster(name, args);
const connection = cluster.connection.apply((it) => ({ ...it, jobManagerHost: host, restPort: port }));
for (const { name, ...args } of config.requireObject<(FlinkJobArgs & { name: string })[]>("jobs")) {
  new FlinkJob(name, { ...args, cluster: connection });
}

// The stack of a team: a job on the cluster of another stack, which it knows by that stack's output.
import * as pulumi from "@pulumi/pulumi";
import { type FlinkConnection, FlinkJob } from "flink-kubernetes";

const platform = new pulumi.StackReference("organization/platform/prod");

const job = new FlinkJob("totals", {
  cluster: platform.requireOutput("connection") as pulumi.Output<FlinkConnection>,
  image: "registry.example.com/orders/jobs:12",
  jar: "/opt/flink/usrlib/totals.jar",
  parallelism: 8,
});

export const phase = job.phase;

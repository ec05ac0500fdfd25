import type * as pulumi from "@pulumi/pulumi";
import type { KnownCluster } from "../args/known-cluster";
import type { FlinkConnection } from "../args/connection";

const clusters = new WeakMap<object, KnownCluster>();

/** Lets the jobs of the same program be checked while it runs, and not only when their cluster is there. */
export function rememberCluster(connection: pulumi.Output<FlinkConnection>, known: KnownCluster): void {
  clusters.set(connection, known);
}

/** The cluster behind a connection, if it is one of this program. */
export function clusterBehind(connection: unknown): KnownCluster | undefined {
  return typeof connection === "object" && connection !== null ? clusters.get(connection) : undefined;
}

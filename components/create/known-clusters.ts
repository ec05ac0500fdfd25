import type * as pulumi from "@pulumi/pulumi";
import type { KnownCluster } from "../args/known-cluster";
import type { FlinkConnection } from "../args/connection";

const clusters = new WeakMap<object, KnownCluster>();

/** Lets jobs of the same program be checked while it runs, before their cluster exists. */
export function rememberCluster(connection: pulumi.Output<FlinkConnection>, known: KnownCluster): void {
  clusters.set(connection, known);
}

/** The cluster of a connection, if it belongs to this program. */
export function clusterBehind(connection: unknown): KnownCluster | undefined {
  return typeof connection === "object" && connection !== null ? clusters.get(connection) : undefined;
}

import type { ShapeOf } from "./shape";

/** Encryption between the processes of a cluster, and of its REST API. */
export interface TlsArgs {
  /** Name of the Secret with the key store for the traffic between the cluster's processes. Default: not encrypted. */
  internalSecret?: string;
}

export const tlsShape: ShapeOf<TlsArgs> = { internalSecret: "text" };

import type { ShapeOf } from "./shape";

/** Makes the REST API and web UI reachable from outside the Kubernetes cluster. */
export interface ExposureArgs {
  /** Host name under which it is reached, such as `flink.example.com`. */
  host: string;
}

export const exposureShape: ShapeOf<ExposureArgs> = { host: "text" };

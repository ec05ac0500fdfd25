import type { ShapeOf } from "./shape";

/** What pods can be given besides what the cluster needs. Every role takes these. */
export interface PodArgs {
  /** Environment variables of the container, plain values. For secrets use `config`. Default: none. */
  environment?: { [name: string]: string };

  /** Further labels on the pods. Default: none. */
  podLabels?: { [label: string]: string };

  /** Further annotations on the pods. Default: none. */
  podAnnotations?: { [annotation: string]: string };
}

export const podShape: ShapeOf<PodArgs> = {
  environment: "textMap",
  podLabels: "textMap",
  podAnnotations: "textMap",
};

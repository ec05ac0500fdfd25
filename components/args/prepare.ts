import { type PodArgs, podShape } from "./pods";
import type { ShapeOf } from "./shape";

/**
 * The Job that runs before every change that would lose the jobs: it stops them with their state, as their `upgradeMode` says, and they go
 * on from there on the changed cluster. When one cannot be stopped, nothing is changed and the update fails with the reason. What its pods are given besides
 * (`extraJars` is of no use there) restarts nothing. They follow the JobManager's: labels, annotations, and the nodes that these run on.
 */
export interface PrepareArgs extends PodArgs {
  /**
   * Seconds within which all jobs of the cluster must be stopped, one after another; each has its own `startTimeout` at most. Between 30 and 86400.
   * Default: 600. Changing it restarts nothing.
   */
  timeout?: number;

  /**
   * Image of that Job's pods: bash, curl, awk and coreutils (the official Flink images have them). Default: the image of the cluster. Changing
   * it restarts nothing.
   */
  image?: string;

  /** Names of Secrets in the namespace with the credentials for that image's registry. Default: those of the cluster. Changing it restarts nothing. */
  imagePullSecrets?: string[];
}

export const prepareShape: ShapeOf<PrepareArgs> = {
  timeout: "number",
  image: "text",
  imagePullSecrets: "textList",
  ...podShape,
};

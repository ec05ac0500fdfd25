import { type PodArgs, podShape } from "./pods";
import type { ShapeOf } from "./shape";

/**
 * The Job that runs before every change that would lose the jobs. It stops them with their state, as their
 * `upgradeMode` says, and they continue from it on the changed cluster. If a job cannot be stopped, nothing
 * is changed and the update fails with the reason.
 *
 * Extra settings of its pods restart nothing (`extraJars` has no effect there). By default the pods have the
 * labels, annotations and nodes of the JobManager.
 */
export interface PrepareArgs extends PodArgs {
  /**
   * Seconds within which all jobs of the cluster must be stopped, one after another. Each has at most its own
   * `startTimeout`. From 30 to 86400. Default: 600. A change restarts nothing.
   */
  timeout?: number;

  /**
   * Image of that Job's pods, with bash, curl, awk and coreutils (as in the official Flink images). Default:
   * the image of the cluster. A change restarts nothing.
   */
  image?: string;

  /**
   * Names of Secrets in the namespace with the credentials for that image's registry. Default: those of the
   * cluster. A change restarts nothing.
   */
  imagePullSecrets?: string[];
}

export const prepareShape: ShapeOf<PrepareArgs> = {
  timeout: "number",
  image: "text",
  imagePullSecrets: "textList",
  ...podShape,
};

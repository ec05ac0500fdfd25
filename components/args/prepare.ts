import type { Findings } from "./additions";
import type { ShapeOf } from "./shape";

/**
 * The Job that runs before every change that would lose the jobs: it stops them with their state, as their `upgradeMode` says, and they go
 * on from there on the changed cluster. When one cannot be stopped, nothing is changed and the update fails with the reason.
 */
export interface PrepareArgs {
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
}

export const prepareShape: ShapeOf<PrepareArgs> = { timeout: "number", image: "text" };

/** The same, after validation. */
export interface PrepareModel {
  timeout: number;
  image?: string;
}

export function checkPrepare({ timeout = 600, image }: PrepareArgs, { problems }: Findings): PrepareModel {
  if (!(Number.isInteger(timeout) && timeout >= 30 && timeout <= 86400)) {
    const reason = "this is a time in whole seconds, from 30 to 86400";
    problems.push({ path: "prepare.timeout", value: timeout, reason, fix: "for example 600" });
  }
  if (image !== undefined && !/^\S+$/.test(image)) {
    const reason = "this is not the name of an image";
    const fix = "write an image reference, or leave it out to use the image of the cluster";
    problems.push({ path: "prepare.image", value: image, reason, fix });
  }
  return { timeout, ...(image === undefined ? {} : { image }) };
}

import { ownPreparePod } from "../kubernetes/prepare";
import { objectName } from "../names";
import { combine, type Findings } from "./additions";
import { followedPods } from "./all-pods";
import { podModel } from "./check-pods";
import type { FlinkClusterArgs } from "./cluster";
import type { PodModel } from "./model";

/** PrepareArgs after validation. */
export interface PrepareModel {
  timeout: number;
  image?: string;
  imagePullSecrets: string[];
  pod: PodModel;
}

/** @param restricted whether the namespace enforces the Pod Security Standard `restricted`. */
export function checkPrepare(
  cluster: string,
  restricted: boolean,
  args: FlinkClusterArgs,
  findings: Findings,
): PrepareModel {
  const { problems } = findings;
  const { timeout = 600, image, imagePullSecrets = args.imagePullSecrets ?? [], ...pod } = args.prepare ?? {};
  if (!(Number.isInteger(timeout) && timeout >= 30 && timeout <= 86400)) {
    const reason = "this must be a whole number of seconds from 30 to 86400";
    problems.push({ path: "prepare.timeout", value: timeout, reason, fix: "write for example 600" });
  }
  if (image !== undefined && !/^\S+$/.test(image)) {
    const reason = "this is not a valid name of a container image";
    const fix = "write an image reference, or leave it out to use the image of the cluster";
    problems.push({ path: "prepare.image", value: image, reason, fix });
  }
  if (pod.extraJars !== undefined) {
    const reason = "these pods do not run Flink, so they have no class path for jars";
    problems.push({ path: "prepare.extraJars", reason, fix: "set extraJars of jobManager and taskManager" });
  }
  const own = {
    ...ownPreparePod,
    serviceAccountName: objectName(cluster, "prepare"),
    restricted,
    follows: followedPods(args),
  };
  return {
    timeout,
    ...(image === undefined ? {} : { image }),
    imagePullSecrets,
    pod: podModel(pod, combine([]), own, findings),
  };
}

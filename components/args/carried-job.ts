import { connectionOf } from "../kubernetes/connection";
import { taskManagerWorkload } from "../kubernetes/task-managers";
import type { FlinkApplicationArgs } from "./application";
import { type JobModel, jobModel } from "./check-job";
import type { ClusterModel } from "./model";

/** The job of an application's JobManager, without the state that it starts from, which is not known yet. */
export function carriedJobModel(model: ClusterModel, args: FlinkApplicationArgs): JobModel {
  const { ttlSecondsAfterFinished } = args;
  const { kind, name } = taskManagerWorkload(model);
  const job = jobModel(model.name, {
    cluster: connectionOf(model, ""),
    jar: args.jar ?? "",
    arguments: args.arguments,
    entryClass: args.entryClass,
    upgradeMode: args.upgradeMode,
    fallback: args.fallback,
    allowNonRestoredState: args.allowNonRestoredState,
    bounded: args.bounded,
    startTimeout: args.startTimeout,
    imagePullSecrets: model.imagePullSecrets,
    submitter: args.submitter,
    guard: args.guard,
    guardPod: args.guardPod,
    retainLedger: args.retainLedger,
  });
  if (ttlSecondsAfterFinished === undefined) return job;
  const taskManagers = `${kind.toLowerCase()}s/${name}`;
  return { ...job, ttl: { seconds: ttlSecondsAfterFinished, taskManagers } };
}

import { guardDeployment } from "../kubernetes/guard";
import { submitterTemplate } from "../kubernetes/submission";
import type { Problem } from "../problems";
import type { JobModel } from "./check-job";
import { quotaKind, read, show } from "./check-namespace";
import { checkMissing, checkRange, type CountedPods, countedBy } from "./check-room";
import { joinPath } from "./shape";

const paths = {
  quota: "cluster.quotaLeft",
  range: "cluster.limitRange",
  rangeArgument: "namespace.limitRange of the FlinkCluster",
};

/** Checks that quota and limit range of the cluster's namespace leave room for the pods of a job. */
export function checkJobRoom(model: JobModel): Problem[] {
  const { limitRange = {}, quotaLeft = {} } = model.connection;
  const pods: CountedPods[] = [
    // The pods that take savepoints have the same size.
    { role: "submitter", count: 1, template: submitterTemplate(model) },
    ...(model.guard ? [{ role: "guardPod", count: 1, template: guardDeployment(model).spec.template }] : []),
  ];
  const needs = countedBy(pods, limitRange);
  const tooMuch = Object.entries(quotaLeft).flatMap(([resource, value]) => {
    const kind = quotaKind(resource) ?? "count";
    const left = read(kind, value);
    const need = needs[resource];
    if (left === undefined || need === undefined || need <= left) return [];
    const reason = `the cluster leaves only this much of its namespace's quota, but the pods of the job need ${show(kind, need)} at once: Kubernetes would refuse them`;
    const fix = `add ${show(kind, need - left)} to ${joinPath("namespace.quota", resource)} of the FlinkCluster`;
    return [{ path: joinPath("cluster.quotaLeft", resource), value, reason, fix }];
  });
  return [
    ...checkMissing(paths, pods, quotaLeft, limitRange),
    ...tooMuch,
    ...checkRange(paths, pods, limitRange),
  ];
}

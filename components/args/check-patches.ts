import { jobManagerTemplate } from "../kubernetes/deployments";
import { historyServerTemplate } from "../kubernetes/history-server";
import { strategicMerge } from "../kubernetes/merge";
import { ownPrepareTemplate } from "../kubernetes/prepare";
import { sqlGatewayTemplate } from "../kubernetes/sql-gateway";
import { taskManagerTemplate } from "../kubernetes/task-managers";
import type { Findings } from "./additions";
import { checkPatch, checkPatched, protectedPod } from "./check-patch";
import { checkJobPod } from "./check-job-config";
import { localStateVolume } from "./check-task-managers";
import type { ClusterModel, PodModel } from "./model";

/** Checks every role's `podPatch` against the pods that it changes, as the other arguments render them. */
export function checkPatches(model: ClusterModel, findings: Findings): void {
  const { problems, warnings } = findings;
  const roles = [
    { role: "jobManager", template: jobManagerTemplate } as const,
    { role: "taskManager", template: taskManagerTemplate } as const,
    { role: "historyServer", template: historyServer } as const,
    { role: "sqlGateway", template: sqlGateway } as const,
  ];
  for (const { role, template: render } of roles) {
    const of = model[role];
    if (of?.pod.patch === undefined) continue;
    const { patch } = of.pod;
    const pod = { ...of.pod, patch: undefined };
    const template = withClaims(model, role, render({ ...model, [role]: { ...of, pod } }, "conf"));
    const path = `${role}.podPatch`;
    const found: Findings["problems"] = [];
    const rest = {
      role,
      processSize: of.memory.processSize,
      restricted: model.namespace.create,
    };
    checkPatch(path, patch, protectedPod(template, rest), found, warnings);
    if (found.length === 0) checkPatched(path, strategicMerge(template, patch), found);
    problems.push(...found);
  }
  const { prepare } = model;
  const template = (pod: PodModel) => ownPrepareTemplate({ ...model, prepare: { ...prepare, pod } }, "");
  checkJobPod({ role: "prepare", pod: prepare.pod, template, restricted: model.namespace.create }, findings);
}

function historyServer(model: ClusterModel, configMap: string) {
  return historyServerTemplate(model, model.historyServer!, configMap);
}

function sqlGateway(model: ClusterModel, configMap: string) {
  return sqlGatewayTemplate(model, model.sqlGateway!, configMap);
}

/**
 * A StatefulSet adds the volumes of its claim templates to the pod, which mounts them like any other volume.
 */
function withClaims<Template extends { spec: { volumes: { name: unknown }[] } }>(
  { taskManagers }: ClusterModel,
  role: string,
  template: Template,
): Template {
  if (role !== "taskManager" || !taskManagers.localRecovery) return template;
  const claimed = { name: localStateVolume.name, emptyDir: {} };
  return { ...template, spec: { ...template.spec, volumes: [...template.spec.volumes, claimed] } };
}

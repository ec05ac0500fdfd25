import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { autoscaler, disruptionBudget } from "../kubernetes/scaling";
import { child, type Creation } from "./context";

/** What changes the number of pods: the autoscaler, and budgets for those who drain nodes. */
export function createScaling(
  creation: Creation,
  namespace: pulumi.Resource[],
  taskManager: pulumi.Resource,
): void {
  const { model } = creation;
  if (!("replicas" in model.scaling)) {
    new k8s.autoscaling.v2.HorizontalPodAutoscaler(
      `${model.name}-taskmanager`,
      autoscaler(model, model.scaling),
      child(creation, [taskManager]),
    );
  }
  for (const role of ["jobmanager", "taskmanager"] as const) {
    new k8s.policy.v1.PodDisruptionBudget(
      `${model.name}-${role}`,
      disruptionBudget(model, role),
      child(creation, namespace),
    );
  }
}

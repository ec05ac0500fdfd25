import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { autoscaler, disruptionBudget, scaledObject } from "../kubernetes/scaling";
import { child, type Creation } from "./context";

/** Objects that change the number of pods: the autoscaler, and disruption budgets for node drains. */
export function createScaling(
  creation: Creation,
  namespace: pulumi.Resource[],
  taskManager: pulumi.Resource,
): void {
  const { model } = creation;
  const { scaling } = model;
  if (!("replicas" in scaling)) {
    const name = `${model.name}-taskmanager`;
    const options = child(creation, [taskManager]);
    if (scaling.keda) {
      new k8s.apiextensions.CustomResource(name, scaledObject(model, scaling, scaling.keda), options);
    } else {
      new k8s.autoscaling.v2.HorizontalPodAutoscaler(name, autoscaler(model, scaling), options);
    }
  }
  for (const role of ["jobmanager", "taskmanager"] as const) {
    new k8s.policy.v1.PodDisruptionBudget(
      `${model.name}-${role}`,
      disruptionBudget(model, role),
      child(creation, namespace),
    );
  }
}
